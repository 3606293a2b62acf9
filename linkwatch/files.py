"""Files replaced whole: a kill at any moment leaves the old one or the new one, never half."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from linkwatch.errors import LinkwatchError


def write_whole(path: Path, content: str | bytes, *, like: Path | None = None, mode: int | None = None) -> None:
    """Written beside the file, synced, and put in its place; a link's target is replaced, not the link. What is there
    and no file (a pipe, /dev/stdout) is written to.

    Mode and owner stay as they are, or become those of the file `like`; `mode` is that of a new file. Raises
    LinkwatchError when it cannot be written; then nothing has changed.
    """
    data = content.encode() if isinstance(content, str) else content
    real = path.resolve()
    try:
        if path.exists() and not path.is_file():
            _pour(path, data)
            return
        real.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    except OSError as error:
        raise LinkwatchError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _as(like.resolve() if like else real, Path(name), mode)
        Path(name).replace(real)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise LinkwatchError(f"{path} cannot be written: {error.strerror}.") from error


def _pour(path: Path, data: bytes) -> None:
    """Raises OSError at once for a pipe that nobody reads."""
    handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    os.set_blocking(handle, True)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def _as(model: Path, new: Path, mode: int | None) -> None:
    try:
        before = model.stat()
    except FileNotFoundError:
        new.chmod(0o666 & ~_umask() if mode is None else mode)
        return
    with suppress(OSError):  # only root may give files away
        os.chown(new, before.st_uid, before.st_gid)
    new.chmod(before.st_mode & 0o7777)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
