"""Is the domain parked or for sale? At least two independent signals; DNS alone never suffices."""

import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from linkwatch.core.models import Page, Visit
from linkwatch.core.signs import phrases
from linkwatch.core.signs.patterns import any_of, anywhere
from linkwatch.core.urls import host, registrable_domain

_MOST_WORDS = 400  # of visible text: sellers say little, their lists of sponsored links too

_SERVICES = frozenset(
    "sedo.com sedoparking.com dan.com undeveloped.com afternic.com hugedomains.com bodis.com parkingcrew.net"
    " parkingcrew.com "
    "above.com domainmarket.com buydomains.com brandbucket.com squadhelp.com atom.com uniregistry.com sav.com "
    "domainname.shop parklogic.com parkweb.com voodoo.com rook.com skenzo.com internettraffic.com domainnamesales.com "
    "godaddyparking.com cashparking.com namedrive.com dynadot.com efty.com epik.com spaceship.com domain.io "
    "domainpark.se domanparkering.se namnbolaget.se namnhandel.se domanhandel.se".split()
)
_NETWORKS = tuple(
    ip_network(network)
    for network in ("91.195.240.0/23", "199.59.240.0/22", "185.53.176.0/22", "103.224.182.0/23", "103.224.212.0/23")
)  # Sedo, Bodis, ParkingCrew (Team Internet), Above.com

# What the scripts of parking pages are called: certain enough to count, whatever the page's language.
_SIGNATURES = (
    "data-adblockkey=", "sedoparking.com", "parkingcrew.net", "d38psrni17bvxu.cloudfront.net",
    "d1lxhc4jvstzrp.cloudfront.net", "bodis.com", "google.com/adsense/domains/caf.js", "/parking-lander/",
    "lander_system", "window.park =", "window.park=", "parklogic.com", "hugedomains.com/domain_profile",
    "dan.com/buy-domain", "cdn0.dan.com", "afternic.com/forsale", "parkingpage.namecheap.com",
    "domainparking", "domain-parking", "domain_parking", "parking.loopia", "loopia.se/parkering",
    "loopia.com/parking", "parked.loopia", "one.com/parking", "parkering.one.com", "simply.com/parking",
    "above.com/marketplace", "skenzo.com", "domainnamesales.com", "cashparking", "sedo.com/search/details",
    "sedo.com/services/parking", "uniregistry.com/buy", "dynadot.com/market", "parked-domain", "parkeddomain",
    "domain-for-sale", "domain_for_sale", "domainforsale", "forsale-lander", "buy-this-domain",
    "strato-parking", "ionos-parking", "parked_page", "porkbun.com/products/domains/parked",
)  # fmt: skip
_LANDER = re.compile(r"location(?:\.href)?\s*=\s*[\"']/lander")  # GoDaddy's page of one script

_DOMAIN = any_of(
    r"(?:(?:the|this|your) )?(?:premium )?domain(?: ?name)?",
    r"(?:den här |denna |det här |detta )?domän(?:en|namnet|namn)?",
    r"(?:dette )?(?:domene|domæne)(?:t|navnet)?",
    r"(?:diese )?(?:domain|website|internetseite)",
    r"(?:tämä )?verkkotunnus",
    r"(?:this )?(?:web ?site|web ?page|site)",
    r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[a-z]{2,12}",
)
_IS = (
    r"(?: [\w.-]{1,80})?(?: (?:is|may be|might be|has been|has|är|kan vara|har blivit|er|kan være|on|steht|ist))?"
    r"(?: (?:now|currently|nu|også|already|just))?"
)
_SALE = anywhere(
    rf"{_DOMAIN}{_IS} (?:for sale|available for (?:purchase|sale)|till salu|till försäljning|til salgs|til salg"
    rf"|myytävänä"
    r"|zu verkaufen|zum verkauf)",
    rf"{_DOMAIN}{_IS} (?:parked|parkera[dt]|parkeret|parkert|pysäköity|geparkt|reserved|reservera[dt])\b",
    rf"{_DOMAIN}{_IS} (?:registered (?:at|with|by)|registrera[dt] (?:hos|via|åt)|registrert hos|registreret hos"
    rf"|hostet? hos)",
    r"(?:domain|domän|domene|domæne)\w*(?: name)? (?:[\w.-]{1,80} )?(?:has expired|kan köpas|kan kjøpes|kan købes"
    r"|expired)",
    r"(?:buy|köpa?|kjøp|køb|osta|get) (?:this|den här|denna|dette|detta|det här|tämä) (?:domain|domän|domene|domæne"
    r"|verkkotunnus)",
    r"(?:parkera[dt]|parkeret|parkert|parked) (?:hos|at|with|by|domän|domæne|domene|domain)",
    r"domän(?:en|namnet)? till salu|domain (?:name )?for sale|domänparkering|parked free|courtesy of godaddy",
    r"(?:inquire|make an offer) (?:about|on|for) (?:this|the) domain|(?:the )?owner of this domain",
    r"(?:page|domain) (?:has been |is )?reserved for future use|[\w.-]+\.[a-z]{2,12} (?:hos|at|by) one\.com",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parking:
    """The signals seen so far, by name."""

    signals: tuple[str, ...]

    @property
    def is_named(self) -> bool:
        """Something says parking in words, script or address, which makes it worth asking further."""
        return bool(set(self.signals) & {"service", "signature", "sale_phrase"})

    @property
    def is_certain(self) -> bool:
        return self.is_named and len(self.signals) >= 2


def find(visit: Visit, page: Page | None, markup: str, *, asked: str, lost: bool, same_everywhere: bool) -> Parking:
    """`lost`: less than .02 of the approved copy is here. `same_everywhere`: an address that cannot exist gives this"
    " too."""
    if page is not None and len(page.full_text.split()) > _MOST_WORDS:
        return Parking(signals=())
    seen = {
        "service": _at_service(visit, asked),
        "address": _in_network(visit.peer),
        "signature": any(mark in markup for mark in _SIGNATURES) or bool(_LANDER.search(markup)),
        "sale_phrase": page is not None and _for_sale(page),
        "same_everywhere": same_everywhere,
        "content_lost": lost,
    }
    return Parking(signals=tuple(name for name, is_seen in seen.items() if is_seen))


def _at_service(visit: Visit, asked: str) -> bool:
    end = registrable_domain(host(visit.final_url))
    return end in _SERVICES and end != registrable_domain(host(asked))


def _in_network(peer: str | None) -> bool:
    try:
        address = ip_address(peer or "")
    except ValueError:
        return False
    return any(address in network for network in _NETWORKS)


def _for_sale(page: Page) -> bool:
    """In title or h1, or in the first lines of a page that says hardly more."""
    headings = [part for heading in (page.title, page.h1) for part in phrases.segments(heading)]
    if any(_SALE.search(heading) for heading in headings):
        return True
    return len(page.full_text.split()) < 150 and bool(_SALE.search(page.full_text[:1_500]))
