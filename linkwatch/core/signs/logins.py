"""Does the visit end at somebody's door instead of the page?"""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from linkwatch.core.models import Page, Visit
from linkwatch.core.signs import phrases
from linkwatch.core.urls import host

_FORM_WORDS = 350  # of visible text: a login page says no more
_FEW = 60
_HARDLY_ANY = 15

# Identity providers by host, with the word that names them in a verdict.
_PROVIDERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "microsoft",
            r"(?:^|\.)(?:login\.microsoftonline\.(?:com|us|de)|login\.microsoft\.com|login\.windows\.net"
            r"|sts\.windows\.net"
            r"|login\.live\.com|b2clogin\.com|ciamlogin\.com|login\.partner\.microsoftonline\.cn)$",
        ),
        ("bankid", r"(?:^|\.)bankid\.(?:com|se|no)$|(?:^|\.)grp\.se$"),
        ("freja", r"(?:^|\.)freja(?:eid)?\.(?:com|se|org)$"),
        (
            "siths",
            r"(?:^|\.)siths\.se$|^(?:idp|sso|auth|ssl)[\w.-]*\.(?:inera|sjunet)\.(?:se|org)$|(?:^"
            r"|\.)ineratest\.org$",
        ),
        ("google", r"^accounts\.google\.[\w.]+$"),
        ("idporten", r"(?:^|\.)(?:idporten\.no|oidc\.difi\.no|idporten\.difi\.no)$"),
        ("feide", r"(?:^|\.)(?:feide\.no|dataporten\.no)$"),
        ("mitid", r"(?:^|\.)(?:mitid\.dk|nemlog-in\.dk|nemid\.nu)$"),
        ("suomi_fi", r"^tunnist\w*\.suomi\.fi$"),
        (
            "sso",
            r"(?:^|\.)(?:okta\.com|oktapreview\.com|auth0\.com|onelogin\.com|pingidentity\.com|pingone\.(?:com"
            r"|eu)|duosecurity\.com"
            r"|cloudflareaccess\.com|funktionstjanster\.se|seamlessaccess\.org|eduid\.se|criipto\.(?:id|com)"
            r"|signicat\.com)$",
        ),
        ("adfs", r"^(?:adfs|sts|fs)\d*[.-]"),
        (
            "sso",
            r"^(?:idp|sso|login|logon|signin|auth|inlogg|inloggning|loggain|eid|elegitimation|e-legitimation"
            r"|legitimering|accounts?|cas)\d*[.-]",
        ),
    )
)

# Doors by path or query, on any host.
_DOORS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("adfs", r"/adfs/(?:ls|oauth2|services)|[?&]wa=wsignin1\.0"),
        (
            "saml",
            r"[?&]SAMLRequest=|/saml2?(?:/|$|\?)|/simplesaml/|/Shibboleth\.sso/|/idp/profile/|/wayf(?:/|$|\?)"
            r"|/discoveryservice",
        ),
        (
            "sso",
            r"/oauth2?/(?:v\d[.\d]*/)?(?:authorize|auth)|/connect/authorize|/openid-connect/auth"
            r"|/protocol/openid-connect/|/oidc/auth"
            r"|/cas/login|/idp/startsso|/sso/(?:login|saml|start)|/auth/realms/",
        ),
        (
            "sharepoint",
            r"/_layouts/(?:15/|14/)?authenticate\.aspx|/_login/|/_forms/default\.aspx|/_trust/"
            r"|/_layouts/(?:15/)?accessdenied\.aspx",
        ),
        ("bankid", r"/(?:mobilt?-?)?bank-?id(?:/|$|\?)"),
        ("freja", r"/freja(?:-?eid)?(?:/|$|\?)"),
        ("siths", r"/siths(?:/|$|\?)"),
        (
            "login_page",
            r"/(?:[\w-]*[_-])?(?:login|log-in|logon|log-on|signin|sign-in|sign_in|logga-?in|loggain"
            r"|inlogg(?:ning)?(?:ssida)?|logg-?inn|innlogging"
            r"|paalogging|log-?ind|kirjaudu|kirjautuminen|anmelden|auth(?:enticate"
            r"|entication)?)(?:\.\w{2,5})?(?:/(?:index\.\w+)?)?(?:$|\?|;)"
            r"|/wp-login\.php|/(?:account|user|users|member|members|konto|util|auth)/(?:login|signin"
            r"|sign_in|logon|logga-?in)"
            r"|[?&](?:action|do|view)=log-?in(?:&|$)",
        ),
    )
)

_LOGIN_HEADING = re.compile(
    r"^(?:vänligen |du (?:måste|behöver) |please |välj )?(?:logga[ -]?in\b|inlogg(?:ning|nings\w+|ad krävs)?\b"
    r"|legitimera dig|identifiera dig|inloggningsmetod"
    r"|log[ -]?in\b|logon\b|sign[ -]?in\b|login\b|member login|user login|logg inn\b|innlogging\b|pålogging\b"
    r"|log ind\b|log på\b|kirjaudu\b|kirjautuminen\b"
    r"|tunnistaudu\b|tunnistautuminen\b|anmelden\b|anmeldung$|einloggen\b|authentication required|autentisering"
    r"|welcome,? please (?:log|sign) in)",
    re.IGNORECASE,
)
# Known, but not to us: the page is there for those who may see it.
_NO_PERMISSION = re.compile(
    r"^(?:du (?:har inte|har ej|saknar) (?:behörighet|åtkomst|tillgång)|(?:behörighet|åtkomst) (?:saknas|krävs)"
    r"|(?:sidan|innehållet|den här sidan) kräver (?:inloggning|behörighet)|endast för (?:inloggade|medlemmar|behöriga)"
    r"|du har ikke (?:tilgang|adgang)|ingen (?:tilgang|adgang)$|krever innlogging|kræver login"
    r"|you (?:do not|don't) have (?:permission|access)|(?:you are )?not authori[sz]ed|unauthori[sz]ed|members only"
    r"|sinulla ei ole (?:oikeutta|käyttöoikeutta))",
    re.IGNORECASE,
)
_LOGIN_WORDS = re.compile(
    r"\b(?:logga in|inloggning|lösenord|log ?in|sign in|password|logg inn|passord|brukernavn|log ind|adgangskode"
    r"|kirjaudu|salasana|anmelden|passwort"
    r"|single sign[- ]on|e-legitimation|engångskod)\b",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"\b(?:logga in|prenumer\w+|abonn\w+|bli medlem|lås upp|läs vidare|köp tillgång|subscri\w+|log ?in|sign in|logg inn"
    r"|log ind|kirjaudu|tilaa)\b",
    re.IGNORECASE,
)
_PROVIDER_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("bankid", re.compile(r"\bbank-?id\b", re.IGNORECASE)),
    ("freja", re.compile(r"\bfreja (?:eid|e-?id|\+|org)", re.IGNORECASE)),
    ("siths", re.compile(r"\bsiths\b", re.IGNORECASE)),
    ("mitid", re.compile(r"\bmit-?id\b|\bnem-?id\b", re.IGNORECASE)),
    ("idporten", re.compile(r"\bid-porten\b|\bminid\b|\bbuypass\b", re.IGNORECASE)),
)


_REASONS = {"auth_required": "http_auth", "login_page": "password_page", "sharepoint": "password_page"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """`door` is whose it is: an identity provider's name, login_page, sharepoint, auth_required, no_permission."""

    door: str
    mark: str  # status | address | form | heading

    @property
    def reason(self) -> str:
        if self.door == "no_permission":
            return self.door
        return _REASONS.get(self.door, "identity_provider")

    @property
    def evidence(self) -> dict[str, str]:
        return {"door": self.door, "mark": self.mark}


def find(asked: str, visit: Visit, page: Page | None) -> Login | None:
    """The door that answered, or None. A link whose own address is a login's is answered by what it asked for."""
    if visit.status in (401, 407) or visit.header("x-forms_based_auth_required"):
        return Login(door="auth_required", mark="status")
    if is_door(asked):
        return None
    if visit.hops and (door := is_door(visit.final_url)):
        return Login(door=door, mark="address")
    has_form = visit.status is not None and (visit.status < 300 or visit.status == 403)
    if page is None or not has_form or len(page.full_text.split()) >= _FORM_WORDS:
        return None
    return _by_form(page) or _by_heading(page, refused=visit.status == 403)


def is_paywall(page: Page, approved: str) -> bool:
    """The first lines of what was approved, and the offer to read on as somebody who pays."""
    return bool(_PAYWALL.search(page.text)) and not _PAYWALL.search(approved)


def on_the_way(asked: str, visit: Visit) -> Login | None:
    """A door that a chain of redirects led to, for visits that ended without an answer."""
    if is_door(asked):
        return None
    addresses = [visit.final_url, *(hop.url for hop in visit.hops), *(hop.location or "" for hop in visit.hops)]
    door = next((found for address in addresses if (found := is_door(address))), None)
    return Login(door=door, mark="address") if door else None


def is_door(url: str) -> str | None:
    """Which identity provider or login page an address belongs to, by its host, path and query."""
    name = host(url)
    if found := next((word for word, pattern in _PROVIDERS if pattern.search(name)), None):
        return found
    parts = urlsplit(url)
    path = unquote(parts.path) + (f"?{parts.query}" if parts.query else "")
    return next((word for word, pattern in _DOORS if pattern.search(path)), None)


def _by_form(page: Page) -> Login | None:
    """A password field that is what the page is for: many sites have one in the header of every page."""
    if not page.password_field:
        return None
    few = page.words < _FEW and bool(_LOGIN_WORDS.search(page.text)) and not phrases.in_short_text(page.text)
    if _is_login_heading(page) or (few and not _not_found(page)):
        return Login(door=_provider(page) or "login_page", mark="form")
    return None


def _by_heading(page: Page, *, refused: bool) -> Login | None:
    """A login without a password field: it asks for an e-legitimation, or a script will show its form.

    `refused`: the status is 403, which says of itself that something is not permitted.
    """
    if page.words >= _FEW:
        return None
    if not refused and _has_heading(_NO_PERMISSION, page):
        return Login(door="no_permission", mark="heading")
    provider = _provider(page)
    is_login = provider or _LOGIN_WORDS.search(page.text) or page.words < _HARDLY_ANY
    return Login(door=provider or "login_page", mark="heading") if is_login and _is_login_heading(page) else None


def _is_login_heading(page: Page) -> bool:
    return _has_heading(_LOGIN_HEADING, page)


def _has_heading(pattern: re.Pattern[str], page: Page) -> bool:
    return any(pattern.match(part) for heading in (page.title, page.h1) for part in phrases.segments(heading))


def _not_found(page: Page) -> bool:
    return any(phrases.in_heading(heading) for heading in (page.title, page.h1))


def _provider(page: Page) -> str | None:
    return next((name for name, pattern in _PROVIDER_WORDS if pattern.search(page.full_text)), None)
