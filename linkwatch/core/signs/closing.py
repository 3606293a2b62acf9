"""A closing notice in place of the page: "Regionförbundet har avvecklats".

Anchored to what can close with a web site (the site, its service or its organisation), so that news of closed shops and
surgeries is none.
"""

import re

from linkwatch.core.models import Page
from linkwatch.core.signs import phrases
from linkwatch.core.signs.patterns import any_of, anywhere

_MOST_WORDS = 150
_FIRST_SENTENCES = 4

_WHO = r"(?:(?:den här|denna|vår|det här|detta|the|this|our|denne|vores) )?(?:[\w-]+(?: [\w-]+){0,3} )?" + any_of(
    r"[\w-]*(?:webbplats|webbsida|hemsida|sajt|portal|förbund|myndighet|verk|styrelse|delegation|nämnd|stiftelse"
    r"|organisation|kommitté|kommitte|verksamhet|samverkansorgan|tjänst|tjenest|sekretariat|byrå|kansli|förening"
    r"|bolag)(?:en|n|et|s|erna)?",
    r"nettsted(?:et)?|nettsiden?|hjemmesiden?|etaten|direktoratet|forbundet|styrelsen",
    r"website|web site|site|service|organi[sz]ation|agency|authority|department|portal",
    r"sivusto|palvelu|virasto|liitto",
)
_CLOSED = any_of(
    r"har (?:(?:nu|numera|under \d{4}|sedan \d{4}|den \d.{0,20}) )?(?:avvecklats|upphört|lagts ne[drk]\w*|stängts?"
    r"(?: ned| ner)?|avslutats|slutat|gått upp i|uppgått i)",
    r"är (?:nu |numera )?(?:avvecklad|avvecklat|nedlagd|nedlagt|stängd|stängt|avslutad|upplöst)",
    r"avvecklades|upphörde|lades ne[dr]|stängdes|upplöstes|finns (?:inte|ej) längre",
    r"er (?:nå |nu |blitt )?(?:nedlagt|lagt ned|lagt ne|avviklet|avsluttet|stengt|lukket|ophørt|ophævet)",
    r"har opphørt|ble lagt ned|blev nedlagt|har avsluttet|eksisterer ikke (?:lenger|længere)",
    r"has (?:now )?(?:been )?(?:closed(?: down)?|shut down|discontinued|ceased|dissolved|abolished|decommissioned"
    r"|retired"
    r"|wound up)",
    r"is (?:now )?(?:closed|no longer (?:active|available|maintained|in operation))|no longer exists",
    r"closed (?:down )?(?:in|on) |was (?:closed|abolished|dissolved|shut down)",
    r"on (?:suljettu|lakkautettu|lopetettu|päättynyt|poistunut käytöstä)|lakkautettiin|lopetettiin|suljettiin",
)
_NOTICE = re.compile(rf"{_WHO}(?: [\w-]+){{0,5}}? {_CLOSED}", re.IGNORECASE)
_SITE = re.compile(
    r"webb?plats|webbsid|hemsid|sajt|portal|web ?site|\bsite\b|nettsted|nettsid|hjemmesid|sivusto", re.IGNORECASE
)
_ASIDE = anywhere(
    r"(?:webbplatsen|sajten|hemsidan|sidan|portalen) (?:uppdateras|underhålls) (?:inte|ej) längre",
    r"(?:nettstedet|nettsiden|hjemmesiden) (?:oppdateres|opdateres) ikke",
    r"(?:site|website|page) is no longer (?:updated|maintained|active)|sivustoa ei enää päivitetä",
)
_OTHERS = re.compile(
    r"butik|affär|skola|förskola|vårdcentral|mottagning|mack|bensin|post|bank|restaurang|café|hotell|fabrik|bruk"
    r"|färja|linje|buss|badhus|bibliotek",
    re.IGNORECASE,
)


def notice(page: Page) -> str | None:
    """The sentence that says so, in a heading or among the first of a short page. None if there is none."""
    if page.words >= _MOST_WORDS:
        return None
    for heading in (page.title, page.h1):
        if found := next((part for part in phrases.segments(heading) if _closes(part)), None):
            return found
    opening = re.split(r"(?<=[.!?])\s+", page.text)[:_FIRST_SENTENCES]
    said = next((sentence for sentence in opening if _closes(sentence)), None)
    return said[:200] if said and (page.words < _MOST_WORDS // 2 or _ASIDE.search(page.text)) else None


def is_of_site(sentence: str) -> bool:
    """What has closed is a web site, not only somebody of whom the page tells."""
    return bool(_SITE.search(sentence))


def _closes(sentence: str) -> bool:
    """Its subject opens the sentence, and is not one of a community's other institutions."""
    return bool(_NOTICE.match(sentence) and not _OTHERS.search(sentence[:60]))
