"""Where a configuration's files are, and their text; what cannot be read is a `ConfigError` that says why."""

from pathlib import Path

from linkwatch.core.sheet import NoSheet, decoded
from linkwatch.errors import ConfigError


def project_folder(path: Path) -> Path:
    """The folder that relative paths start from: the parent of `config/`, or the file's own folder elsewhere."""
    folder = path.resolve().parent
    return folder.parent if folder.name == "config" else folder


def table_at(path: Path, name: str) -> Path:
    """Where `sources_csv` is: beside the configuration, or as other relative paths from the project folder."""
    beside, from_project = path.resolve().parent / name, project_folder(path) / name
    return from_project if from_project.exists() and not beside.exists() else beside


def read_text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: there is no such file; name another with --config PATH"]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError([f"{path.name}:{line}: the file is not UTF-8 text"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror})"]) from error


def read_table(path: Path) -> str:
    try:
        return decoded(_bytes(path))[0]
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: there is no such file; `linkwatch import FILE.csv` makes it"]) from error
    except NoSheet as error:
        raise ConfigError([f"{path.name}:{error.line}: {error.what}"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror})"]) from error


def _bytes(path: Path) -> bytes:
    """Of a file: to wait for what a pipe has to say would be for ever."""
    if path.exists() and not path.is_file():
        raise ConfigError([f"{path}: cannot be read (it is not a file)"])
    return path.read_bytes()
