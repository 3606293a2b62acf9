"""/metrics, for Prometheus.

It tells how many and since when, and nothing of whom, but is guarded like every other page that shows how the links
are: for whoever may look. With `auth = "none"` that is this machine; otherwise Prometheus shows a token of the role
viewer, made for it with `linkwatch token add`, as `authorization: credentials_file` in its scrape_configs. A browser
that has logged in, and strangers where `anonymous = "viewer"`, may read it too. Who may not is told so with 401 or 403
and is not led to the login page, which Prometheus would take for an answer.

Prometheus must ask for the desk by a name that it goes by (`hosts` under [web]).
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from linkwatch import __version__
from linkwatch.report.metrics import MEDIA_TYPE, exposition
from linkwatch.store.measures import measure
from linkwatch.web.showing import current_of


def metrics(request: Request) -> Response:
    current = current_of(request)
    measured = measure(current.desk, current.config.database, current.now())
    return Response(exposition(measured, version=__version__), headers={"Content-Type": MEDIA_TYPE})


routes: tuple[BaseRoute, ...] = (Route("/metrics", metrics),)
