"""A dead-man's switch: who stops hearing from us knows that we have stopped. As healthchecks.io and its likes take it.

    POST URL/start?rid=UUID       a run begins
    POST URL?rid=UUID             it has ended well
    POST URL/fail?rid=UUID        we have failed ourselves

The body has the number of the run and the last lines of the log. A ping that fails is a line in the log, and no more.
"""

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from linkwatch.config import Config
from linkwatch.fetch.post import Posted, post
from linkwatch.logs import LINES

_log = logging.getLogger(__name__)

_LONGEST_BODY = 10_000
_TIMEOUT_S = 10.0

Post = Callable[..., Posted]


class Switch:
    """For one run. Nothing happens where the configuration names no address."""

    def __init__(self, config: Config, *, post: Post = post) -> None:
        self._url = config.operations.ping_url
        self._policy = config.fetch
        self._post = post
        self._run = str(uuid.uuid4())

    def start(self) -> None:
        self._ping("/start", "")

    def success(self, sentence: str) -> None:
        self._ping("", f"{sentence}\n{LINES.text}")

    def fail(self, sentence: str) -> None:
        self._ping("/fail", f"{sentence}\n{LINES.text}")

    def _ping(self, word: str, body: str) -> None:
        if self._url is None:
            return
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        text = body.encode("utf-8", "replace")[-_LONGEST_BODY:]
        try:
            posted = self._post(_address(self._url, word, self._run), text, headers, self._policy, timeout_s=_TIMEOUT_S)
        except Exception as error:  # whatever it is, the run is not to fail by it
            _log.warning("the dead-man's switch could not be told: %s", error)
            return
        if posted.status is None or posted.status >= 300:
            _log.warning("the dead-man's switch could not be told: %s", posted.status or posted.detail)


@contextmanager
def watched_over(config: Config) -> Iterator[Switch]:
    """Says that a run begins, and that we have failed if that is how it ends; who is within says that it ended well."""
    switch = Switch(config)
    switch.start()
    try:
        yield switch
    except Exception as error:
        switch.fail(f"{type(error).__name__}: {error}")
        raise


def _address(url: str, word: str, run: str) -> str:
    parts = urlsplit(url)
    query = f"{parts.query}&rid={run}" if parts.query else f"rid={run}"
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + word, query=query))
