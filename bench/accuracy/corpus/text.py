"""Prose out of the sentence banks: `{a|b}` is a choice, `[slot]` a fact of the site or the page."""

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

_BANKS = Path(__file__).parent / "banks"
_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"\[(\w+)\]")

GENERAL = {"sv": "allmant", "no": "allment", "da": "allment", "fi": "yleista", "en": "general"}
MONTHS = {
    "sv": "januari februari mars april maj juni juli augusti september oktober november december".split(),
    "no": "januar februar mars april mai juni juli august september oktober november desember".split(),
    "da": "januar februar marts april maj juni juli august september oktober november december".split(),
    "fi": "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu "
    "joulukuu".split(),
    "en": "January February March April May June July August September October November December".split(),
}
_DAYS = {
    "sv": "måndag tisdag onsdag torsdag fredag lördag".split(),
    "no": "mandag tirsdag onsdag torsdag fredag lørdag".split(),
    "da": "mandag tirsdag onsdag torsdag fredag lørdag".split(),
    "fi": "maanantai tiistai keskiviikko torstai perjantai lauantai".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday".split(),
}
_NAMES = {
    "sv": ["Karin Öberg", "Anders Nyström", "Leila Haddad", "Per-Olof Sjölund", "Maja Ekdahl", "Stig Åkerblom",
           "Emma Wikström", "Jonas Hjelm", "Birgitta Fors", "Omar Yusuf", "Ulla Sandgren", "Viktor Lindh"],
    "no": ["Kari Solberg", "Ola Nordahl", "Ingrid Myhre", "Tor Eide", "Siv Haugland", "Per Rønning"],
    "da": ["Mette Kjær", "Søren Holm", "Lone Bach", "Jens Østergaard", "Pia Krogh", "Niels Dam"],
    "fi": ["Aino Mäkelä", "Pekka Lehtonen", "Riikka Salo", "Jussi Heikkilä", "Outi Rantala", "Timo Kallio"],
    "en": ["Helen Marsh", "Tom Ashby", "Priya Nair", "Gareth Pugh", "Fiona Reid", "Daniel Okoro"],
}  # fmt: skip
_SUBJECTS = {
    "sv": ["fjällekologi", "landsbygdens ekonomi", "digital hälsa", "träbyggnad", "batterimaterial",
           "flerspråkighet", "kustfiske", "kommunalrätt", "äldres boende", "vattenrening", "offentlig styrning"],
    "en": ["alpine ecology", "rural economics", "digital health", "timber engineering", "battery materials",
           "bilingual schooling", "coastal fisheries", "public law", "water treatment", "public governance"],
}  # fmt: skip
_TRADES = ["biståndshandläggare", "undersköterska", "lantmätare", "gymnasielärare", "systemutvecklare",
           "miljöinspektör", "kock", "fritidsledare", "ekonom", "busschaufför", "bibliotekarie"]  # fmt: skip
_VILLAGES = {
    "sv": ["Åsele by", "Granhult", "Mörtfors", "Ljusvattnet", "Korsvik", "Tallberga", "Östanå", "Hällnäs",
           "Björkvik", "Rödånäs", "Ekeby", "Norrfällan", "Stensjön", "Gårdskär", "Lillhamra", "Vreta"],
    "no": ["Fossnes", "Sandvik", "Lauvåsen", "Grøndal", "Kvaløy", "Skarbukta", "Øverbygd", "Tindlia"],
    "da": ["Sønderby", "Vesterhede", "Nørre Skov", "Hvidbjerg", "Klitgård", "Æblehave", "Strandlyst"],
    "fi": ["Koivula", "Ylikylä", "Rantapää", "Mäntyharju", "Kivijärvi", "Suolahti", "Hirvilampi"],
    "en": ["Ashcombe", "Little Marle", "Harrowby", "Stonecross", "Nether Wyke", "Fellside", "Oakhanger"],
}  # fmt: skip
COUNTIES = {"sv": "länet", "no": "fylket", "da": "regionen", "fi": "maakunta", "en": "the county"}


@dataclass(frozen=True, slots=True)
class Topic:
    titles: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """What one page says: its heading, its sentences in paragraphs, perhaps a table."""

    title: str
    paragraphs: tuple[tuple[str, ...], ...]
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    updated: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(sentence for paragraph in self.paragraphs for sentence in paragraph)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a site brings into its prose."""

    language: str
    organisation: str
    place: str
    region: str


@cache
def bank(language: str) -> dict[str, Topic]:
    """Topic name → its titles and sentences."""
    parts = (_BANKS / f"{language}.txt").read_text(encoding="utf-8").split("# ")[1:]
    return {part.split("\n", 1)[0].strip(): _topic(part.splitlines()[1:]) for part in parts}


def _topic(lines: list[str]) -> Topic:
    titles = next(line for line in lines if line.startswith("title:"))[6:]
    return Topic(
        titles=tuple(title.strip() for title in titles.split("|")),
        sentences=tuple(line[2:].strip() for line in lines if line.startswith("- ")),
    )


def topics(language: str) -> list[str]:
    return [name for name in bank(language) if name != GENERAL[language]]


def spin(template: str, rng: Random, facts: Facts) -> str:
    """One reading of a template."""
    chosen = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), template)
    filled = _SLOT.sub(lambda match: _slot(match[1], rng, facts), chosen)
    return filled[:1].upper() + filled[1:]


def _slot(name: str, rng: Random, facts: Facts) -> str:
    language = facts.language
    fixed = {"org": facts.organisation, "ort": facts.place, "lan": facts.region}
    if name in fixed:
        return fixed[name]
    numbers = {"n": (2, 48), "n2": (105, 990), "proc": (3, 84), "dagnr": (1, 28), "ar": (2024, 2026)}
    if name in numbers:
        return str(rng.randint(*numbers[name]))
    words = {
        "ort2": _VILLAGES[language],
        "dag": _DAYS[language],
        "manad": MONTHS[language],
        "namn": _NAMES[language],
        "amne": _SUBJECTS.get(language, _SUBJECTS["en"]),
        "yrke": _TRADES,
        "period": ["2023–2030", "2024–2030", "2022–2029"],
        "slut": ["2029", "2030", "2031"],
    }
    if name in words:
        return rng.choice(words[name])
    made = {
        "kr": lambda: f"{rng.randint(2, 96)}{rng.choice([' ', chr(160)])}{rng.choice(['000', '500'])}",
        "tel": lambda: f"0{rng.randint(10, 99)}0-{rng.randint(10, 99)} {rng.randint(10, 99)} {rng.randint(0, 9)}0",
    }
    return made[name]()


def write(topic: str, rng: Random, facts: Facts, *, sentences: int = 10, table: bool = False) -> Prose:
    """A page on a topic, of about `sentences` sentences (17 words each)."""
    here = bank(facts.language)
    pool = [spin(s, rng, facts) for s in rng.sample(here[topic].sentences, len(here[topic].sentences))]
    general = here[GENERAL[facts.language]].sentences
    pool += [spin(s, rng, facts) for s in rng.sample(general, min(3, len(general)))]
    while len(pool) < sentences:
        other = here[rng.choice(topics(facts.language))].sentences
        pool += [spin(s, rng, facts) for s in rng.sample(other, min(4, len(other)))]
    return Prose(
        title=spin(rng.choice(here[topic].titles), rng, facts),
        paragraphs=_paragraphs(pool[:sentences], rng),
        heads=tuple(spin(rng.choice(here[rng.choice(topics(facts.language))].titles), rng, facts) for _ in "12"),
        rows=_rows(rng, facts) if table else (),
        updated=date_line(rng, facts.language),
    )


def _paragraphs(sentences: list[str], rng: Random) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    while sentences:
        size = rng.randint(1, 3)
        found.append(tuple(sentences[:size]))
        sentences = sentences[size:]
    return tuple(found)


def _rows(rng: Random, facts: Facts) -> tuple[tuple[str, ...], ...]:
    places = rng.sample(_VILLAGES[facts.language], min(7, len(_VILLAGES[facts.language])))
    return tuple((place, _slot("tel", rng, facts), f"{rng.randint(8, 10)}–{rng.randint(15, 19)}") for place in places)


def date_line(rng: Random, language: str) -> str:
    """A date of autumn 2026 as it is written there."""
    day, month = rng.randint(1, 28), rng.randint(8, 11)
    name = MONTHS[language][month - 1]
    return {"fi": f"{day}.{month}.2026", "da": f"{day}. {name} 2026", "no": f"{day}. {name} 2026"}.get(
        language, f"{day} {name} 2026"
    )


def edit(prose: Prose, rng: Random, facts: Facts, *, keep: float, topic: str) -> Prose:
    """The page after editing: the share `keep` of its sentences stands, the others come from `topic`."""
    old = list(prose.sentences)
    kept = round(len(old) * keep)
    first = rng.randint(0, len(old) - kept)
    source = bank(facts.language)[topic].sentences
    fresh = [spin(rng.choice(source), rng, facts) for _ in range(len(old) - kept)]
    new = fresh[: len(fresh) // 2] + old[first : first + kept] + fresh[len(fresh) // 2 :]
    return replace(prose, paragraphs=_paragraphs(new, rng), updated=date_line(rng, facts.language))


def slug(title: str, joiner: str = "-") -> str:
    """A title as a path segment."""
    plain = title.lower().translate(str.maketrans("åäöøæéü", "aaooaeu"))
    return joiner.join(re.findall(r"[a-z0-9]+", plain))[:60]
