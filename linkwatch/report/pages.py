"""Pages from templates: those of the report that stands alone, and those of the review desk. All text is escaped."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


def page(name: str, /, **values: object) -> str:
    """The template `name` ("report.html", "desk/link.html") filled in; a value that it lacks is our own mistake."""
    return _template(name).render(**values)


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
