"""Our own files for browsers: stylesheets, scripts, pictures. Each has an address that changes with its content."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import linkwatch

_PACKAGE = Path(linkwatch.__file__).parent
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_FOR_EVER = "public, max-age=31536000, immutable"


def package_files() -> dict[str, Path]:
    """All of linkwatch/static by their names under it, and the report's stylesheet."""
    folder = _PACKAGE / "static"
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return found | {"style.css": _PACKAGE / "report" / "templates" / "style.css"}


class Files:
    """The files that there are, by name. A name that is not among them leads nowhere, whatever it is made of."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths

    def address(self, name: str) -> str:
        """Where a page finds the file; KeyError for a name that does not exist, which is our own mistake."""
        return f"/static/{name}?v={self._digest(name)}"

    def serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._paths:
            raise HTTPException(404)
        digest = self._digest(name)
        headers = {"ETag": f'"{digest}"', "Cache-Control": _FOR_EVER if _is_asked_for(request, digest) else "no-cache"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        path = self._paths[name]
        return Response(
            path.read_bytes(), media_type=_TYPES.get(path.suffix, "text/plain; charset=utf-8"), headers=headers
        )

    def _digest(self, name: str) -> str:
        path = self._paths[name]
        return _digest(path, path.stat().st_mtime_ns)


def _is_asked_for(request: Request, digest: str) -> bool:
    """Whether the address names this very content: then it may be kept for ever."""
    return request.query_params.get("v") == digest


@lru_cache(maxsize=100)
def _digest(path: Path, changed: int) -> str:  # noqa: ARG001  (a changed file is another one)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
