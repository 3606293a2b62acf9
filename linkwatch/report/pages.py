"""Pages from templates: those of the report that stands alone, and those of the review desk. All text is escaped."""

from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

_PIECES = 1_000  # of a template, which are joined before they are sent


def page(name: str, /, **values: object) -> str:
    """The template `name` ("report.html", "desk/link.html") filled in; a value that it lacks is our own mistake."""
    return _template(name).render(**values)


def stream(name: str, /, **values: object) -> Iterator[str]:
    """As `page`, in pieces as they come: for what is long."""
    pieces = _template(name).stream(**values)
    pieces.enable_buffering(_PIECES)
    return iter(pieces)


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("linkwatch.report"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["upper_first"] = upper_first
    return environment


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]
