from functools import cache
from typing import Any

import sqlite_utils.db

_BROWSER = "tests/browser/"

# The steps of the schema are the same statements each time, and sqlite-utils cuts them apart letter by letter.
_cut_apart = sqlite_utils.db._iter_complete_sql_statements
sqlite_utils.db._iter_complete_sql_statements = cache(lambda sql: tuple(_cut_apart(sql)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says aloud that nobody has looked, where there is no browser to look with."""
    skipped = [one for one in terminalreporter.stats.get("skipped", []) if one.nodeid.startswith(_BROWSER)]
    if skipped:
        reason = str(skipped[0].longrepr[-1]).removeprefix("Skipped: ")
        terminalreporter.write_line(f"{len(skipped)} browser tests did NOT run: {reason}.", red=True, bold=True)
