"""Which keys of the catalogues the program asks for, read from its source and its templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import linkwatch

_PACKAGE = Path(linkwatch.__file__).parent
_AREAS = (
    "verdict",
    "state",
    "reason",
    "rule",
    "why",
    "http",
    "evidence",
    "age",
    "time",
    "report",
    "cli",
    "answer",
    "answers",
    "letter",
    "desk",
    "mail",
)
_KEY = re.compile(rf"({'|'.join(_AREAS)})(\.\w+)+")
_IN_TEMPLATE = re.compile(r'"((?:%s)\.[\w.]*)"(?:\s*~\s*[\w.]+\s*~\s*"([\w.]*)")?' % "|".join(_AREAS))  # noqa: UP031
_ANY = "*"


def literal_keys() -> set[str]:
    """Those that stand in the source as they are."""
    return {key for key in _patterns() if _ANY not in key}


def keys_used() -> re.Pattern[str]:
    """Matches every key that can be asked for; the variable part of a key stands for any one word."""
    return re.compile("|".join(re.escape(key).replace(re.escape(_ANY), r"\w+") for key in _patterns()))


def reasons_given() -> set[str]:
    """Every reason that stands in the source as it is: `reason="x"`, or the second argument of `verdict(…)`."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in _PACKAGE.rglob("*.py"))
    return {reason for tree in trees for node in ast.walk(tree) for reason in _reasons(node)}


def _reasons(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id="verdict"), args=[_, given, *_]) | ast.keyword(arg="reason", value=given):
            choices = (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,)
            yield from (one.value for one in choices if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _patterns() -> set[str]:
    python = {key for path in _PACKAGE.rglob("*.py") for key in _in_python(path.read_text(encoding="utf-8"))}
    return python | {key for path in _PACKAGE.rglob("*.html") for key in _in_template(path.read_text(encoding="utf-8"))}


def _in_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        for argument in _arguments(node):
            text = _text(argument)
            if _KEY.fullmatch(text.replace(_ANY, "x")):
                yield text


def _arguments(node: ast.AST) -> Iterator[ast.expr]:
    """First arguments of `words.text`, `find` and `count`, also where they are a choice of two."""
    match node:
        case ast.Call(func=ast.Attribute(attr="text" | "find" | "count"), args=[ast.IfExp(body=one, orelse=other), *_]):
            yield from (one, other)
        case ast.Call(func=ast.Attribute(attr="text" | "find" | "count"), args=[first, *_]):
            yield first


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) if isinstance(part, ast.Constant) else _ANY for part in parts)
    return ""


def _in_template(source: str) -> Iterator[str]:
    for start, end in _IN_TEMPLATE.findall(source):
        if not start.endswith((".html", ".js", ".css")):
            yield f"{start}{_ANY}{end}" if end or start[-1] in "._" else start
