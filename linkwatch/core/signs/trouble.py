"""Pages of a site that is out of order: maintenance, an application's error, a web server without a site."""

import re

from linkwatch.core.models import Page
from linkwatch.core.signs import phrases
from linkwatch.core.signs.patterns import opening

_FEW = 80  # words of main text

_SITE = r"(?:webbplatsen|webbsidan|hemsidan|sajten|sidan|tjänsten|systemet)"
_NOW = r"(?:just nu|för närvarande|tillfälligt|för tillfället|tyvärr)"
_MAINTENANCE = opening(
    rf"(?:{_NOW} |vi har )?(?:pågår |planerat |pågående )?(?:underhåll(?:sarbete)?|driftstopp|driftavbrott)"
    r"(?: pågår| av webb(?:plats|sida)\w*| på (?:webb|hem)\w+)?[.!]*$",
    rf"vi (?:uppdaterar|uppgraderar|bygger om|arbetar (?:{_NOW} )?(?:på|med)|håller på (?:att|med)|genomför|förbättrar"
    r"|underhåller) .{0,60}(?:webb|hemsid|sajt|sidan\b|systemet|underhåll)",
    rf"{_SITE} (?:är|ligger|har)(?: {_NOW})* (?:stängd|nere|nedstängd|otillgänglig|ur drift|underhåll"
    r"|under (?:underhåll|uppbyggnad|ombyggnad|konstruktion|uppdatering))",
    rf"{_SITE} (?:uppdateras|uppgraderas|byggs om) {_NOW}",
    r"(?:vi är )?(?:snart|strax) tillbaka|tillfälligt (?:stängt|stängd|nere|avbrott)[.!]*$",
    r"under (?:construction|maintenance|uppbyggnad|ombyggnad|arbeid|konstruktion)[.!]*$",
    r"(?:scheduled |planned |site |website |system |down for |undergoing |currently |we are )*(?:performing |doing )?"
    r"(?:scheduled |routine )?maintenance(?: mode| in progress)?[.!]*$",
    r"(?:we(?:'ll| will) be|be) (?:right )?back\b",
    r"(?:the |our |this )?(?:site|website|service) is (?:currently|temporarily|undergoing|down for)",
    r"temporarily (?:unavailable|offline|down)|service (?:temporarily )?unavailable|(?:coming soon|kommer snart)[.!]*$",
    r"vedlikehold(?: pågår)?[.!]*$|vi oppdaterer .{0,40}(?:nettst|nettsid)",
    r"nettsiden er (?:midlertidig )?(?:nede|stengt|utilgjengelig)",
    r"vi opdaterer .{0,40}hjemmesid|hjemmesiden er (?:midlertidigt )?(?:nede|lukket|utilgængelig)",
    r"huoltokatko|sivusto (?:on )?(?:huollossa|päivityksen alla|tilapäisesti)|wartungsarbeiten",
)

_DEFAULT_PAGE = opening(
    r"welcome to (?:nginx|openresty|tengine|caddy|centos|apache|lighttpd|litespeed)\b",
    r"welcome to (?:your new|cpanel|plesk|xampp|wamp|iis)",
    r"apache2? (?:\w+ )?(?:default|test) page|test page for (?:the )?(?:apache|nginx|http)|http server test page",
    r"iis(?: windows(?: server)?|\d[\d.]*)?$|it works!?$|apache tomcat/\d",
    r"default (?:web ?site|parallels plesk|plesk|web) page|domain default page|web server's default page",
    r"plesk (?:obsidian|onyx)|future home of something|välkommen till nginx",
    r"site not (?:found|published|configured)|this site (?:isn't|is not) (?:configured|published)"
    r"|no website (?:is )?configured",
    r"(?:this )?account (?:has been )?suspended|kontot är (?:spärrat|avstängt)",
)


def is_maintenance(page: Page) -> bool:
    """The site says itself that it is out of order for now, in a heading or in a text of a few lines."""
    return page.words < _FEW and _says(_MAINTENANCE, page)


def is_error(page: Page) -> bool:
    """An application's own "something went wrong", short as they are: not a word of whether the page exists."""
    few = page.words < _FEW
    return few and any(phrases.in_heading(heading) is phrases.Phrase.VAGUE for heading in (page.title, page.h1))


def is_default(page: Page) -> bool:
    """The page that a web server or host shows where no site has been put."""
    return len(page.full_text.split()) < 600 and any(
        _DEFAULT_PAGE.match(part) for heading in (page.title, page.h1) for part in phrases.segments(heading)
    )


def _says(pattern: re.Pattern[str], page: Page) -> bool:
    headings = [part for heading in (page.title, page.h1) for part in phrases.segments(heading)]
    sentences = re.split(r"(?<=[.!?…])\s+", page.text)[:3] if page.words < _FEW // 2 else []
    return any(pattern.match(part.strip()) for part in (*headings, *sentences))
