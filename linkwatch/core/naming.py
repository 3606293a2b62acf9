"""Link texts as people write them: what is a name and what is said beside it, and which names are the same."""

import re
import unicodedata
from functools import lru_cache

from linkwatch.core.counties import COUNTIES
from linkwatch.core.text import fold

_LONGEST = 500
_WINDOW = r"(?:öppnas|öppnar) i (?:ett )?(?:nytt fönster|ny flik)|opens in (?:a )?new (?:window|tab)"
_FILE = "pdf|docx?|xlsx?|pptx?|odt|ods|odp|csv|zip|rtf"
_SUFFIXES = (
    re.compile(rf"[ ,;–(\[-]*(?:{_WINDOW})[)\]]?[ .]*\Z", re.IGNORECASE),
    re.compile(
        r" *\(?(?:(?:extern )?länk till (?:en )?annan webbplats|extern länk|external link)\)?[ .]*\Z", re.IGNORECASE
    ),
    re.compile(
        rf" *[(\[]? *(?:{_FILE})\b[ ,]*\d[\d., ]*(?:[kmg]i?)?b(?:yte)?s?\b *[)\]]?[ ,.]*\Z"
        rf"| *[(\[](?:{_FILE})(?:-fil)?[)\]][ ,.]*\Z",
        re.IGNORECASE,
    ),
    re.compile(r"[ →↗»›>⟶]+\Z"),
)  # fmt: skip
_NEW_WINDOW = re.compile(_WINDOW, re.IGNORECASE)
_LINK_SUFFIX = re.compile(r"länk till (?:en )?annan webbplats", re.IGNORECASE)
_SAYS_NOTHING = frozenset(
    "klicka här|läs mer|läs mer här|läs|mer|mer info|mer information|här|hit|länk|länken|link|links|se mer|se här|visa|"
    "visa mer|gå till|gå vidare|till sidan|till webbplatsen|till webbsidan|webbplats|webbsida|hemsida|hemsidan|"
    "ladda ner|ladda ned|öppna|pdf|fil|click here|here|more|read more|learn more|see more|more information|website|"
    "download|open|go|view".split("|")
)


def clean_name(text: str) -> str:
    """A link's text without what is added for assistive technology or of its file: "Blekingelänk till annan webbplats,
    öppnas i nytt fönster" is "Blekinge"."""
    name = fold(text[:_LONGEST])
    for _ in range(4):
        shorter = name
        for suffix in _SUFFIXES:
            shorter = suffix.sub("", shorter)
        if shorter == name:
            break
        name = shorter
    return name


def says_new_window(text: str) -> bool:
    return _NEW_WINDOW.search(fold(text)) is not None


def says_link(text: str) -> bool:
    """Whether a line of text carries the suffix of a link to another site."""
    return _LINK_SUFFIX.search(fold(text)) is not None


def says_nothing(text: str) -> bool:
    """Whether a link's text tells nobody where it leads (Vägledning för webbutveckling R5)."""
    return clean_name(text).strip(" .:…!>»").casefold() in _SAYS_NOTHING


@lru_cache(4096)
def name_key(name: str) -> str:
    """What two spellings of one name have in common: "Region Jönköpings län", "JÖNKÖPING" and "Jönköping:" are one."""
    words = unicodedata.normalize("NFC", fold(name)).casefold().strip(" .,:;–-*•")
    words = re.sub(r"\A(?:region|länsstyrelsen i|länsstyrelsen)\s+(?=\w)", "", words)
    if words.endswith(" län"):
        words = words.removesuffix(" län").removesuffix("s")
    return words


_OTHER_COUNTY_NAMES = {
    "sörmland": "D", "jämtland härjedalen": "Z", "jämtland/härjedalen": "Z", "västra götalandsregionen": "O",
    "gotlands": "I", "gävleborgs": "X", "kalmars": "H",
}  # fmt: skip
_COUNTY_OF = {name.casefold(): letter for letter, name in COUNTIES.items()} | _OTHER_COUNTY_NAMES


def county_of(name: str) -> str | None:
    """The letter of the county that a name is one of: "Region Sörmland" is D."""
    return _COUNTY_OF.get(name_key(name))
