"""How five content systems dress a page: their templates lie in `looks/`, their habits in the table below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from string import Template
from xml.sax.saxutils import escape

from linkwatch.demo.prose import Article, Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A content system's habits. The patterns take `{text}`, or `{page}` and `{site}` for the title."""

    template: str
    server: str
    title: str
    heading: str
    paragraph: str
    tagged: bool  # sends an ETag
    charset: str = "utf-8"
    dated: bool = True  # sends Last-Modified
    chunked: bool = False
    adds_slash: bool = False


LOOKS = {
    "sitevision": Look(
        template="sitevision",
        server="SiteVision",
        title="{page} - {site}",
        heading='<h2 class="subheading2">{text}</h2>',
        paragraph='<div class="sv-text-portlet-content"><p class="normal">{text}</p></div>',
        tagged=False,
    ),
    "episerver": Look(
        template="episerver",
        server="Microsoft-IIS/10.0",
        title="{page} | {site}",
        heading="<h2>{text}</h2>",
        paragraph='<div class="editorial"><p>{text}</p></div>',
        tagged=True,
        chunked=True,
    ),
    "wordpress": Look(
        template="wordpress",
        server="Apache",
        title="{page} &#8211; {site}",
        heading='<h2 class="wp-block-heading">{text}</h2>',
        paragraph="<p>{text}</p>",
        tagged=False,
        dated=False,
        chunked=True,
        adds_slash=True,
    ),
    "sharepoint": Look(
        template="sharepoint",
        server="Microsoft-IIS/8.5",
        title="{page}",
        heading='<h2 class="ms-rteElement-H2">{text}</h2>',
        paragraph='<p class="ms-rteElement-P">\u200b{text}</p>',  # the editor leaves zero-width spaces behind
        tagged=True,
        dated=False,
    ),
    "plain": Look(
        template="plain",
        server="Apache/2.4",
        title="{site}: {page}",
        heading="<h3>{text}</h3>",
        paragraph="<p>{text}<br>",
        tagged=True,
        charset="windows-1252",
    ),
}


def content_type(look: Look) -> str:
    return f"text/html; charset={look.charset}"


def article_page(look: Look, article: Article, *, site: str, updated: date) -> bytes:
    """A whole page with the article as its main part."""
    parts = [f"<h1>{escape(article.title)}</h1>", *(_section(look, section) for section in article.sections)]
    parts.append(look.paragraph.format(text=f'Kontakt: <a href="mailto:{article.contact}">{article.contact}</a>'))
    return page(look, title=article.title, main="\n".join(parts), site=site, updated=updated)


def short_page(look: Look, *, title: str, texts: Sequence[str], site: str, updated: date) -> bytes:
    """A page with a heading and a few paragraphs (their markup is kept)."""
    parts = [f"<h1>{escape(title)}</h1>", *(look.paragraph.format(text=text) for text in texts)]
    return page(look, title=title, main="\n".join(parts), site=site, updated=updated)


def page(look: Look, *, title: str, main: str, site: str, updated: date) -> bytes:
    """The system's template around some markup, in the system's character set."""
    text = _template(look.template).substitute(
        title=look.title.format(page=escape(title), site=escape(site)),
        main=main,
        site=escape(site),
        updated=updated.isoformat(),
        charset=look.charset,
    )
    return text.encode(look.charset, "xmlcharrefreplace")


def _section(look: Look, section: Section) -> str:
    texts = (look.paragraph.format(text=escape(text)) for text in section.paragraphs)
    return "\n".join([look.heading.format(text=escape(section.heading)), *texts])


@cache
def _template(name: str) -> Template:
    return Template(files("linkwatch.demo").joinpath("looks", f"{name}.html").read_text(encoding="utf-8"))
