"""The letter to an owner about its links: ready to send, in the owner's language whatever the reader's is.

A letter is plain text with one paragraph a line, so that any mail program can wrap it. All that comes from elsewhere
stands on one line each (`core.safe.plain`): nothing in it can begin a header, an address or a line of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.policy import SMTP
from itertools import chain
from urllib.parse import quote

from linkwatch.core.models import Belief, Code, LinkView, Severity, State, Suggestion
from linkwatch.core.proposal import proposal
from linkwatch.core.safe import plain
from linkwatch.core.urls import is_trivial_redirect
from linkwatch.locale import Words
from linkwatch.report import addresses, evidence
from linkwatch.report.addresses import Address
from linkwatch.report.reading import Reading
from linkwatch.report.story import finding
from linkwatch.report.way import answer

LONGEST_MAILTO = 1_900  # what browsers and mail programs on every system take

_LONGEST_NAME = 200
_LONGEST_ADDRESS = 2_000
_LONGEST_IN_SUBJECT = 60  # at most twelve characters each in a mailto
_MOST_LINKS = 100
_MOST_IN_SHORT = 12
_MOST_MAILBOXES = 3
_INDENT = "   "
_COMMA = ", "
_LINE_END, _CRLF = "\n", "\r\n"

_OWNERS_TO_MEND = (Code.OUTDATED, Code.TLS_ERROR)  # of what needs a look only
_WITHOUT_REASON = (Code.REPLACED, Code.CHANGED)  # it speaks of what was approved, which the owner knows nothing of
_FAULTS = (Code.SERVER_ERROR, Code.UNREACHABLE, Code.REDIRECT_LOOP)
_SAY_IT_THEMSELVES = (Code.OUTDATED, Code.TLS_ERROR, Code.GONE)  # each with a question of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`to` is one mailbox, several with commas between, or "" where none is known. `body` ends in a line's end."""

    to: str
    subject: str
    body: str
    mailto: str  # at most `LONGEST_MAILTO` characters: the letter, or a shorter one that says so
    sender: str
    site: str

    @property
    def eml(self) -> bytes:
        """The letter as a file that mail programs open as a draft: RFC 5322, UTF-8, `X-Unsent`."""
        message = EmailMessage(policy=SMTP)
        if addresses.mailbox(self.sender):
            message["From"] = _mailbox(self.sender, self.site)
        if self.to:
            message["To"] = [_mailbox(one) for one in self.to.split(_COMMA)]
        message["Subject"] = self.subject
        message["X-Unsent"] = "1"
        message.set_content(self.body, charset="utf-8", cte="quoted-printable")
        return message.as_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writing:
    """All that a letter is made of."""

    links: Sequence[LinkView]
    owner: str
    reading: Reading
    sender: str = ""
    site: str = ""
    page: str = ""

    @property
    def words(self) -> Words:
        return self.reading.words


def letter(
    links: Sequence[LinkView],
    *,
    owner: str,
    reading: Reading,
    sender: str | None = None,
    site: str = "",
    page: str | None = None,
    language: str | None = None,
) -> Letter:
    """About these links, of which there is one at least; see `in_trouble`.

    `sender` is the mailbox that an answer goes to, `site` what the links belong to or who writes, `page` the address of
    the page that shows them. `language` is the reader's own where it is None.
    """
    writing = _Writing(
        links=links,
        owner=plain(owner, _LONGEST_NAME),
        reading=replace(reading, words=Words(language)) if language else reading,
        sender=plain(sender or "", _LONGEST_NAME),
        site=plain(site, _LONGEST_NAME),
        page=plain(page or "", _LONGEST_ADDRESS),
    )
    to, subject, body = _mailboxes(links), _subject(writing), _body(writing)
    return Letter(
        to=_COMMA.join(to),
        subject=subject,
        body=body,
        mailto=_mailto(to, subject, chain([body], _shorter(writing))),
        sender=writing.sender,
        site=writing.site,
    )


def in_trouble(links: Iterable[LinkView], *, with_suspected: bool = False) -> tuple[LinkView, ...]:
    """What an owner can mend: broken, moved, outdated, a bad certificate; what is only suspected where asked for."""
    return tuple(link for link in links if _is_in_trouble(link, with_suspected=with_suspected))


def _is_in_trouble(link: LinkView, *, with_suspected: bool) -> bool:
    match link.belief.state:
        case State.BROKEN | State.MOVED:
            return True
        case State.ATTENTION:
            return finding(link) in _OWNERS_TO_MEND
        case State.FAILING:
            return with_suspected
    return False


def contact(links: Sequence[LinkView], owner: str, reading: Reading) -> Address | None:
    """The contact that the first link has: a mailbox becomes a letter that is begun already, a web address a link."""
    text = plain(links[0].source.contact or "", _LONGEST_NAME)
    if not text:
        return None
    if addresses.mailbox(text) is None:
        return addresses.web(text)
    return Address(text=text, href=letter(links, owner=owner, reading=reading).mailto if reading.letters else "mailto:")


# ---------------------------------------------------------------- the text


def _subject(writing: _Writing) -> str:
    links, words = writing.links, writing.words
    if len(links) == 1:
        return words.text("report.letter.subject", name=plain(links[0].source.name, _LONGEST_IN_SUBJECT))
    owner = plain(writing.owner, _LONGEST_IN_SUBJECT)
    return words.text("report.letter.subject_many", n=words.number(len(links)), owner=owner)


def _body(writing: _Writing) -> str:
    links = writing.links[:_MOST_LINKS]
    titles = [f"{n}. " for n in range(1, len(links) + 1)] if len(writing.links) > 1 else [""]
    return _paragraphs(
        *_opening(writing),
        *("\n".join(_entry(title, link, writing.reading)) for title, link in zip(titles, links, strict=True)),
        _more(len(writing.links) - len(links), writing),
        *_ending(writing),
    )


def _opening(writing: _Writing) -> Iterator[str]:
    words = writing.words
    yield words.text("report.letter.hello")
    linked = words.text("report.letter.linked_from" if writing.page else "report.letter.linked", page=writing.page)
    yield f"{linked} {words.count('report.letter.found', len(writing.links))}"


def _entry(title: str, link: LinkView, reading: Reading) -> Iterator[str]:
    yield f"{title}{plain(link.source.name, _LONGEST_NAME)}"
    for label, value in _facts(link, reading):
        yield _INDENT + reading.words.text("report.text.label", label=label, value=value)


def _facts(link: LinkView, reading: Reading) -> Iterator[tuple[str, str]]:
    """Each with its label."""
    words, best = reading.words, proposal(link)
    facts, _ = evidence.stands_on(link)
    yield words.text("report.label.address"), _address(link.source.url)
    yield words.text("report.letter.happens"), _happens(link, words)
    if since := _since(link.belief):
        yield words.text("report.label.since"), reading.date(since)
    if link.belief.checked_at:
        yield words.text("report.label.checked"), reading.when(link.belief.checked_at)
    if facts.http_status is not None:
        yield words.text("report.label.http"), answer(facts.http_status, words)
    if facts.final_url and _leads_elsewhere(link.source.url, facts.final_url, best):
        yield words.text("report.letter.leads_to"), _address(facts.final_url)
    if best:
        key = "new_address" if finding(link) is Code.MOVED else "suggestion"
        yield words.text(f"report.label.{key}"), _address(best.url)
    yield (
        words.text("report.letter.ask"),
        words.text(f"report.letter.ask_{_question(link, is_proposed=best is not None)}"),
    )


def _address(url: str) -> str:
    return plain(url, _LONGEST_ADDRESS)


def _since(belief: Belief) -> datetime | None:
    """A failure began with the first strike, not when it was confirmed."""
    if belief.state is State.BROKEN and belief.failing_since and belief.since:
        return min(belief.since, belief.failing_since)
    return belief.since


def _leads_elsewhere(url: str, final: str, best: Suggestion | None) -> bool:
    return not is_trivial_redirect(url, final) and final != url and (best is None or best.url != final)


def _happens(link: LinkView, words: Words) -> str:
    """What the finding means, told to the owner."""
    code = finding(link) or Code.INCONCLUSIVE
    told = [words.find(f"report.letter.means.{code}") or words.text(f"verdict.{code}.means")]
    reason = words.find(f"reason.{link.belief.finding_reason}")
    if reason and code not in _WITHOUT_REASON:
        told.append(words.text("report.text.label", label=words.text("report.label.reason"), value=reason) + ".")
    if link.belief.state is State.FAILING:
        told.append(words.text("report.letter.suspected"))
    return " ".join(told)


def _question(link: LinkView, *, is_proposed: bool) -> str:
    """What is asked of the owner: the end of a key."""
    code = finding(link) or Code.INCONCLUSIVE
    if code is Code.MOVED and is_proposed:
        return "moved"
    if is_proposed:
        return "suggested"
    if code in _SAY_IT_THEMSELVES:
        return str(code)
    if code in _FAULTS:
        return "fault"
    return "address" if code.severity is Severity.BROKEN or code is Code.MOVED else "right"


def _more(left_out: int, writing: _Writing) -> str:
    return writing.words.count("report.letter.more", left_out) if left_out else ""


def _ending(writing: _Writing) -> Iterator[str]:
    words = writing.words
    yield words.text("report.letter.why", owner=writing.owner)
    yield "\n".join(filter(None, (words.text("report.letter.bye"), writing.site, writing.sender)))


def _paragraphs(*paragraphs: str) -> str:
    return "\n\n".join(filter(None, paragraphs)) + "\n"


# ---------------------------------------------------------------- addresses


def _mailboxes(links: Sequence[LinkView]) -> list[str]:
    known = dict.fromkeys(addresses.mailbox(link.source.contact or "") for link in links)
    return [one for one in known if one][:_MOST_MAILBOXES]


def _mailbox(address: str, name: str = "") -> Mailbox:
    user, _, domain = address.rpartition("@")
    return Mailbox(display_name=name, username=user, domain=domain)


def _shorter(writing: _Writing) -> Iterator[str]:
    """Ever shorter letters: fewer and fewer links, each with its name, finding and address only."""
    for number in range(min(len(writing.links), _MOST_IN_SHORT), -1, -1):
        yield _paragraphs(
            *_opening(writing),
            "\n".join(_in_short(link, writing.words) for link in writing.links[:number]),
            _more(len(writing.links) - number, writing) if number else "",
            writing.words.text("report.letter.rest"),
            *_ending(writing),
        )
    yield ""


def _in_short(link: LinkView, words: Words) -> str:
    found = words.text(f"verdict.{finding(link) or Code.INCONCLUSIVE}.name")
    name = plain(link.source.name, _LONGEST_NAME)
    return f"- {words.text('report.text.label', label=name, value=found)}\n  {_address(link.source.url)}"


def _mailto(to: Sequence[str], subject: str, bodies: Iterable[str]) -> str:
    """With the first body for which there is room (RFC 6068: lines end in CRLF, all that is not plain is encoded)."""
    start = f"mailto:{','.join(quote(one, safe='@') for one in to[:1])}?subject={quote(subject, safe='')}"
    whole = (f"{start}&body={quote(body.replace(_LINE_END, _CRLF), safe='')}" for body in bodies)
    return next(address for address in whole if len(address) <= LONGEST_MAILTO)
