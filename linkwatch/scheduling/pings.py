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
from linkwatch.errors import AlreadyRunning
from linkwatch.fetch.post import Posted, post
from linkwatch.logs import LINES, safe

_log = logging.getLogger(__name__)

_LONGEST_SENTENCE = 2_000
_LONGEST_LOG = 8_000  # healthchecks.io keeps 100 kB, others 10
_TIMEOUT_S = 10.0

Post = Callable[..., Posted]


class Switch:
    """For one run. Nothing happens where the configuration names no address."""

    def __init__(self, config: Config, *, is_heard: bool = True, post: Post = post) -> None:
        self._url = config.operations.ping_url if is_heard else None
        self._policy = config.fetch
        self._post = post
        self._run = str(uuid.uuid4())
        self.has_begun = False

    def start(self) -> None:
        self.has_begun = True
        self._ping("/start", "")

    def success(self, sentence: str) -> None:
        self._ping("", _body(sentence))

    def fail(self, sentence: str) -> None:
        self._ping("/fail", _body(sentence))

    def _ping(self, word: str, body: str) -> None:
        if self._url is None:
            return
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        text = body.encode("utf-8", "replace")
        try:
            posted = self._post(_address(self._url, word, self._run), text, headers, self._policy, timeout_s=_TIMEOUT_S)
        except Exception as error:  # whatever it is, the run is not to fail by it
            _log.warning("the dead-man's switch could not be told: %s", error)
            return
        if posted.status is None or posted.status >= 300:
            _log.warning("the dead-man's switch could not be told: %s", posted.status or posted.detail)


@contextmanager
def watched_over(config: Config, *, is_heard: bool = True, again: bool = False) -> Iterator[Switch]:
    """Says that we have failed if that is how it ends; who is within says that a run begins, and that it ended well.

    Another run that is under way is no failure. `again`: it failed the last time too, which has been said; unless a run
    has begun meanwhile, it is not said once more.
    """
    switch = Switch(config, is_heard=is_heard)
    try:
        yield switch
    except AlreadyRunning:
        raise
    except Exception as error:
        if switch.has_begun or not again:
            switch.fail(f"{type(error).__name__}: {error}")
        raise


def _body(sentence: str) -> str:
    """With the last lines of the log, whole ones."""
    lines = LINES.text[-_LONGEST_LOG:]
    lines = lines if len(lines) < _LONGEST_LOG else lines.partition("\n")[2]
    return f"{safe(sentence, _LONGEST_SENTENCE)}\n{lines}"


def _address(url: str, word: str, run: str) -> str:
    parts = urlsplit(url)
    query = f"{parts.query}&rid={run}" if parts.query else f"rid={run}"
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + word, query=query))
