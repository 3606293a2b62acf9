from typing import Any

_BROWSER = "tests/browser/"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says aloud that nobody has looked, where there is no browser to look with."""
    skipped = [one for one in terminalreporter.stats.get("skipped", []) if one.nodeid.startswith(_BROWSER)]
    if skipped:
        reason = str(skipped[0].longrepr[-1]).removeprefix("Skipped: ")
        terminalreporter.write_line(f"{len(skipped)} browser tests did NOT run: {reason}.", red=True, bold=True)
