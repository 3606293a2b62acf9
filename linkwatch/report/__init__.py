"""The state of the links, as people and programs read it: one module a format, each with the same `render`."""

from importlib import import_module

from linkwatch.core.models import Snapshot
from linkwatch.locale import Words

FORMATS = ("html", "text", "csv", "json")  # the modules beside this one; each is loaded when it is asked for


def render(snapshot: Snapshot, *, format: str, words: Words, title: str, timezone: str) -> str:  # noqa: A002  (the contract's word)
    """The whole report as text. `title` heads it, times are shown in `timezone` ("Europe/Stockholm")."""
    if format not in FORMATS:
        raise ValueError(f"no report format {format!r}; there are {', '.join(FORMATS)}")
    module = import_module(f"linkwatch.report.{format}")
    report: str = module.render(snapshot, words=words, title=title, timezone=timezone)
    return report
