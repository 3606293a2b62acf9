"""The accuracy bench's own arithmetic, and what its corpus must keep: no run of linkwatch here."""

from collections import Counter

import pytest

from bench.accuracy.corpus import Item, World, build, half_of
from bench.accuracy.corpus.model import Group, Phase, Request
from bench.accuracy.measure import Row, Share, attribute, f1, precision, recall, share, wilson, worst


@pytest.fixture(scope="module")
def world() -> World:
    return build()


def row(expected: str, code: str, *, also: tuple[str, ...] = (), group: Group = Group.DEAD, ident: str = "a") -> Row:
    item = Item(
        id=ident,
        url=f"https://{ident}.example/",
        site=ident,
        group=group,
        family=str(group),
        language="sv",
        expected=expected,
        accept=frozenset({expected, *also}),
        before=True,
    )
    return Row(item=item, code=code)


# ---------------------------------------------------------------- arithmetic


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=5e-5)


def test_wilson_always_holds_the_share_itself() -> None:
    assert all(wilson(k, n)[0] <= k / n <= wilson(k, n)[1] for n in range(1, 60) for k in range(n + 1))


def test_precision_counts_what_was_called_so_and_accepts_what_is_right_as_well() -> None:
    rows = [
        row("soft_404", "soft_404"),
        row("replaced", "soft_404", also=("soft_404",)),
        row("ok", "soft_404", group=Group.HEALTHY),
        row("soft_404", "ok"),
    ]
    assert precision(rows, "soft_404") == Share(2, 3)


def test_recall_counts_what_is_so_and_accepts_what_is_right_as_well() -> None:
    rows = [
        row("soft_404", "soft_404"),
        row("soft_404", "moved_to_home", also=("moved_to_home",)),
        row("soft_404", "ok"),
        row("replaced", "soft_404", also=("soft_404",)),
    ]
    assert recall(rows, "soft_404") == Share(2, 3)


def test_f1_is_the_harmonic_mean() -> None:
    assert f1(Share(1, 2), Share(1, 1)) == pytest.approx(2 / 3)
    assert f1(Share(0, 2), Share(0, 1)) == 0.0


def test_f1_of_nothing_is_unknown() -> None:
    assert f1(Share(0, 0), Share(1, 1)) is None


def test_a_share_of_nothing_is_shown_as_nothing() -> None:
    assert str(share([], lambda _: True)) == "–"


def test_the_worst_mistake_is_a_living_page_called_broken() -> None:
    rows = [
        row("soft_404", "ok", ident="missed"),
        row("ok", "soft_404", group=Group.HEALTHY, ident="alarm"),
        row("ok", "changed", group=Group.HEALTHY, ident="mild"),
        row("ok", "ok", group=Group.HEALTHY, ident="right"),
        row("blocked", "client_error", group=Group.WALL, ident="wall"),
    ]
    assert [one.item.id for one in worst(rows, 9)] == ["alarm", "wall", "missed", "mild"]


def test_requests_are_put_to_the_link_asked_for_last_on_the_host() -> None:
    log = [
        ["https://a.example", "/robots.txt", 404, ""],
        ["https://a.example", "/one", 301, "/uno"],
        ["https://a.example", "/uno", 200, ""],
        ["https://b.example", "/two", 302, "https://c.example/tva"],
        ["https://a.example", "/sibling", 302, "/404"],
        ["https://c.example", "/tva", 200, ""],
        ["https://a.example", "/404", 200, ""],
        ["https://a.example", "/three", 200, ""],
        ["https://a.example", "/three", 200, ""],
        ["https://d.example", "/", 200, ""],
    ]
    urls = {"https://a.example/one": "one", "https://b.example/two": "two", "https://a.example/three": "three"}
    assert attribute(log, urls) == ({"one": 2, "two": 0, "three": 1}, 1)


# ---------------------------------------------------------------- the corpus


def test_the_halves_are_split_by_site(world: World) -> None:
    halves: dict[str, set[str]] = {}
    for item in world.items:
        halves.setdefault(item.site, set()).add(item.half)
    assert all(len(found) == 1 for found in halves.values())
    assert half_of("norrsjo") == "calibration"
    assert half_of("vastanfors") == "test"


def test_each_half_has_enough_of_both_kinds(world: World) -> None:
    counts = Counter((item.half, item.group) for item in world.items)
    for half in ("calibration", "test"):
        assert counts[half, Group.HEALTHY] >= 200
        assert counts[half, Group.DEAD] >= 200


@pytest.mark.parametrize(
    ("groups", "at_least"),
    [
        ({Group.HEALTHY}, 450),
        ({Group.DEAD}, 450),
        ({Group.WALL, Group.LOGIN}, 150),
        ({Group.PARKED}, 80),
        ({Group.DRIFT}, 150),
        ({Group.MOVED}, 100),
        ({Group.OUTDATED}, 40),
    ],
)
def test_the_corpus_is_large_enough(world: World, groups: set[Group], at_least: int) -> None:
    assert sum(item.group in groups for item in world.items) >= at_least


def test_addresses_and_ids_are_unique_and_on_reserved_names(world: World) -> None:
    assert len({item.id for item in world.items}) == len(world.items) == len({item.url for item in world.items})
    assert all(name.rpartition(".")[2] in {"example", "test"} for name in world.hosts)


def test_the_corpus_is_the_same_each_time(world: World) -> None:
    again = build()
    assert again.items == world.items
    item = next(item for item in world.items if item.before)
    assert ask(world, item, Phase.BEFORE) == ask(again, item, Phase.BEFORE)


def test_what_was_known_answered_well_on_day_0(world: World) -> None:
    known = [item for item in world.items if item.before]
    assert {ask(world, item, Phase.BEFORE)[0] for item in known} <= {200, 301, 302}


def test_hard_not_found_is_never_expected_of_a_200(world: World) -> None:
    lost = [item for item in world.items if item.expected in {"not_found", "gone"}]
    assert {ask(world, item, Phase.AFTER)[0] for item in lost} == {404, 410}


def test_living_pages_answer_200_unless_a_redirect_is_their_point(world: World) -> None:
    living = [item for item in world.items if item.group is Group.HEALTHY and "redirected" not in item.accept]
    assert {ask(world, item, Phase.AFTER)[0] for item in living} == {200}


def test_every_host_has_an_answer_for_strangers(world: World) -> None:
    for host in world.hosts.values():
        request = Request(scheme="https", host=host.name, target="/finns/inte-1", phase=Phase.BEFORE)
        assert host.answer(request).fault is None, host.name


def ask(world: World, item: Item, phase: Phase) -> tuple[int, bytes]:
    scheme, _, rest = item.url.partition("://")
    host, _, path = rest.partition("/")
    reply = world.hosts[host].answer(Request(scheme=scheme, host=host, target=f"/{path}", phase=phase))
    return reply.status, reply.body
