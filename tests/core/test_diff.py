import difflib
import time

from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.diff import opcodes, rising, unified

_lines = st.lists(st.sampled_from([f"{letter}\n" for letter in "aabcdefgh"]), max_size=14)


def patched(old: list[str], patch: list[str]) -> list[str]:
    """As patch(1) does it."""
    result, at, place = list[str](), 0, 0
    for line in patch[2:]:
        if line.startswith("@@"):
            start, _, length = line.split()[1][1:].partition(",")
            place = int(start) - (length != "0")
            result += old[at:place]
            at = place
        elif line[0] == "+":
            result.append(line[1:])
        else:
            assert old[at] == line[1:]
            if line[0] == " ":
                result.append(line[1:])
            at += 1
    return result + old[at:]


@given(_lines, _lines)
def test_it_leads_from_one_text_to_the_other(old: list[str], new: list[str]) -> None:
    assert patched(old, list(unified(old, new, "x"))) == new


def test_it_is_written_as_diff_writes_it() -> None:
    old = [f"{number}\n" for number in range(40)]
    new = [*old[:5], "new\n", *old[6:30], *old[32:], "end\n"]
    assert list(unified(old, new, "x")) == list(difflib.unified_diff(old, new, "x", "x"))
    assert list(unified(old, old, "x")) == []
    assert list(unified([], ["a\n"], "x")) == ["--- x\n", "+++ x\n", "@@ -0,0 +1 @@\n", "+a\n"]


def test_it_takes_no_time_for_many_changes_in_a_long_text() -> None:
    old = [f"s{number};https://a.se/{number}\n" for number in range(30_000)]
    new = [line.replace("a.se", "b.se") if number % 50 == 0 else line for number, line in enumerate(old)]
    started = time.process_time()
    assert sum(line.startswith("+s") for line in unified(old, new, "x")) == 600
    assert time.process_time() - started < 5


@given(_lines, _lines)
def test_it_is_right_also_where_it_may_not_look_closely(old: list[str], new: list[str]) -> None:
    told = [(kind, old[i:j], new[m:n]) for kind, i, j, m, n in opcodes(old, new, most_work=0)]
    assert [line for _, gone, _ in told for line in gone] == old
    assert [line for _, _, came in told for line in came] == new
    assert all((kind == "equal") == (gone == came) for kind, gone, came in told)
    assert all(bool(gone) == (kind != "insert") and bool(came) == (kind != "delete") for kind, gone, came in told)


def test_it_takes_no_time_for_the_same_few_lines_again_and_again() -> None:
    old, new = ["a\n", "b\n", "b\n"] * 10_000, ["b\n", "a\n"] * 15_000
    started = time.process_time()
    assert {kind for kind, *_ in opcodes(old, new)} >= {"replace"}
    assert time.process_time() - started < 1


def test_it_finds_the_longest_rising_sequence() -> None:
    assert rising([(0, 5), (1, 0), (2, 1), (3, 9), (4, 2)]) == [(1, 0), (2, 1), (4, 2)]
    assert rising([]) == []
