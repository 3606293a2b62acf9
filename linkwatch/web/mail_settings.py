"""The pages on which a mail's reader says how often it comes, makes it pause, or leaves."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from email import message_from_bytes, policy

from starlette.requests import Request
from starlette.responses import Response

from linkwatch.core.counties import COUNTIES
from linkwatch.core.due import Every, Rhythm, local_date
from linkwatch.core.safe import plain
from linkwatch.core.subscribers import Choice, Subscriber, Subscription
from linkwatch.core.tickets import Purpose
from linkwatch.locale import Words
from linkwatch.report.card import LONGEST_NAME
from linkwatch.report.reading import Reading
from linkwatch.web.bodies import Form, body_of, form_of
from linkwatch.web.mail_tickets import back_to, reading_for, say, show_to, subscriber_of, ticket_of
from linkwatch.web.refusals import Refused
from linkwatch.web.showing import current_of
from linkwatch.web.view import start_of

LONGEST_PAUSE = timedelta(days=366)

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_ONE_CLICK = ("List-Unsubscribe", "One-Click")  # RFC 8058 §3.1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subscribed:
    subscriber: Subscriber
    subscription: Subscription
    reading: Reading

    @property
    def today(self) -> date:
        return local_date(self.reading.now, self.subscription.zone)

    @property
    def paused_until(self) -> date | None:
        until = self.subscription.choice.paused_until
        return until if until and until > self.today else None


def settings_page(request: Request) -> Response:
    found = _subscribed(request)
    return found if isinstance(found, Response) else _settings(request, found)


def settings(request: Request) -> Response:
    form, found = form_of(request), _subscribed(request)
    if isinstance(found, Response):
        return found
    choice = _choice(form, found)
    if isinstance(choice, str):
        return _settings(request, found, status=400, sentence=found.reading.words.text(f"desk.mail.wrong.{choice}"))
    return back_to(request, "?saved=1#said") if _chosen(request, found, choice) else _not_told(request, found)


def leave_page(request: Request) -> Response:
    """What the address of `List-Unsubscribe` shows to whoever opens it."""
    found = _subscribed(request)
    return found if isinstance(found, Response) else _leaving(request, found)


def leave(request: Request) -> Response:
    """One click in a mail program (RFC 8058): asked by its provider's server, which knows no cookies and follows no
    redirect."""
    if not _is_one_click(request):
        raise Refused(400, "bad_request")
    found = _subscribed(request)
    if isinstance(found, Response):  # who is told nothing has left already
        return say(request, reading_for(request, None), "not_told", 200)
    if not found.subscription.choice.has_left:
        left = _chosen(request, found, replace(found.subscription.choice, has_left=True))
        found = replace(found, subscription=left or found.subscription)
    return _leaving(request, found)


def _is_one_click(request: Request) -> bool:
    kind, (name, value) = request.headers.get("content-type", ""), _ONE_CLICK
    if not kind.lower().startswith("multipart/form-data"):
        return form_of(request).get(name) == value
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1")
    parts = message_from_bytes(head + body_of(request), policy=policy.HTTP).iter_parts()
    return any(
        part.get_param("name", header="content-disposition") == name
        and bytes(part.get_payload(decode=True) or b"").strip() == value.encode()
        for part in parts
    )


def _subscribed(request: Request) -> _Subscribed | Response:
    """Whose settings these are, or the page that says that they are told nothing."""
    current, ticket = current_of(request), ticket_of(request, Purpose.SETTINGS)
    subscriber, subscription = subscriber_of(request, ticket), current.subscriptions.get(ticket.subscriber)
    reading = reading_for(request, subscriber)
    if subscriber is None or subscription is None:
        return say(request, reading, "not_told", 410)
    return _Subscribed(subscriber=subscriber, subscription=subscription, reading=reading)


def _not_told(request: Request, found: _Subscribed) -> Response:
    return say(request, found.reading, "not_told", 410)


def _chosen(request: Request, found: _Subscribed, choice: Choice) -> Subscription | None:
    current, subscriber = current_of(request), found.subscriber
    return current.subscriptions.choose(subscriber.id, choice, subscriber.rhythm, current.now())


def _choice(form: Form, found: _Subscribed) -> Choice | str:
    """What is chosen with a form, or a stable word why that cannot be."""
    choice = found.subscription.choice
    match form.get("do"):
        case "change":
            rhythm = _rhythm(form)
            return replace(choice, rhythm=rhythm) if rhythm else "rhythm"
        case "pause":
            return _paused(form, found)
        case "resume":
            return replace(choice, paused_until=None)
        case "leave":
            return replace(choice, has_left=True)
        case "return":
            return replace(choice, has_left=False, paused_until=None)
    raise Refused(400, "bad_request")


def _rhythm(form: Form) -> Rhythm | None:
    """None where the form says what no form of ours does."""
    every = next((one for one in Every if one == form.get("every")), None)
    hour, weekday, day = _number(form, "hour", 0, 23), _number(form, "weekday", 0, 6), _number(form, "day", 1, 31)
    if every is None or hour is None or weekday is None or day is None:
        return None
    return Rhythm(every=every, hour=hour, weekday=weekday, day=day)


def _number(form: Form, name: str, least: int, most: int) -> int | None:
    text = form.get(name, "")
    return int(text) if text in map(str, range(least, most + 1)) else None


def _paused(form: Form, found: _Subscribed) -> Choice | str:
    try:
        until = date.fromisoformat(form.get("until", ""))
    except ValueError:
        return "date"
    if not found.today < until <= found.today + LONGEST_PAUSE:
        return "date"
    return replace(found.subscription.choice, paused_until=until)


def _settings(request: Request, found: _Subscribed, *, status: int = 200, sentence: str | None = None) -> Response:
    return show_to(
        request,
        found.reading,
        "desk/mail_settings.html",
        status=status,
        sentence=sentence,
        is_saved="saved" in request.query_params and not sentence,
        address=plain(found.subscriber.address, LONGEST_NAME),
        has_left=found.subscription.choice.has_left,
        is_paused=found.paused_until is not None,
        now_true=_standing(found),
        rhythm=found.subscription.rhythm,
        follows=tuple(_follows(found.subscriber, found.reading.words)),
        tomorrow=(found.today + _DAY).isoformat(),
        pause_until=(found.paused_until or found.today + 4 * _WEEK).isoformat(),
        in_a_year=(found.today + LONGEST_PAUSE).isoformat(),
    )


def _leaving(request: Request, found: _Subscribed) -> Response:
    return show_to(
        request,
        found.reading,
        "desk/mail_leave.html",
        address=plain(found.subscriber.address, LONGEST_NAME),
        has_left=found.subscription.choice.has_left,
        one_click=_ONE_CLICK,
        settings_path=f"/mail/settings/{request.path_params['ticket']}",
    )


# ---------------------------------------------------------------- in words


def _standing(found: _Subscribed) -> tuple[str, ...]:
    """How it is now, in whole sentences."""
    words, reading, rhythm = found.reading.words, found.reading, found.subscription.rhythm
    if found.subscription.choice.has_left:
        return (words.text("desk.mail.has_left"),)
    often = words.text(
        f"desk.mail.rhythm.{rhythm.every}",
        weekday=words.text(f"desk.mail.weekday.{rhythm.weekday}"),
        day=rhythm.day,
        hour=rhythm.hour,
    )
    at = found.subscription.comes_at
    zone = found.subscription.zone
    day = words.text(
        "desk.mail.on",
        weekday=words.text(f"desk.mail.weekday.{found.subscription.comes_on.weekday()}"),
        date=words.day_and_month(at, zone) if at - reading.now < 26 * _WEEK else words.date(at, zone),
    )
    if at <= reading.now:
        return (words.text("desk.mail.often", often=often), words.text("desk.mail.next_now"))
    is_certain = found.subscriber.always
    following = words.text("desk.mail.next_always" if is_certain else "desk.mail.next", day=day, hour=rhythm.hour)
    until = found.paused_until
    paused = [words.text("desk.mail.paused", date=words.date(start_of(until, zone), zone))] if until else []
    return (*paused, words.text("desk.mail.often", often=often), following)


def _follows(subscriber: Subscriber, words: Words) -> Iterator[tuple[str, str]]:
    """What the subscriber hears of, each kind of choice with its label; nothing where it is everything."""
    only = subscriber.only
    chosen = {
        "counties": [COUNTIES.get(one, one) for one in only.counties],
        "owners": only.owners,
        "tags": only.tags,
        "severities": [
            words.text(f"desk.mail.severity.{one.name.lower()}") for one in sorted(only.severities, reverse=True)
        ],
    }
    for kind, names in chosen.items():
        if names:
            yield words.text(f"desk.mail.only.{kind}"), words.join(plain(one, LONGEST_NAME) for one in names)
