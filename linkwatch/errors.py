"""What can go wrong on our own side. A broken link is data, never one of these.

LinkwatchError            exit 1   our own failure, in one sentence
├── ConfigError           exit 2   every mistake of a configuration, each with its line
├── UsageError            exit 2   a command was asked for something that does not exist
├── AlreadyRunning        exit 75  another run holds the lock
└── StoreError            exit 1   the database cannot be used
    ├── DamagedDatabase            it is not whole
    ├── ForeignDatabase            it is not one of ours
    ├── NewerDatabase              a later linkwatch wrote it
    └── DatabaseUnavailable        disk full, read-only, locked, no such folder
"""


class LinkwatchError(Exception):
    """Our own failure. `str(error)` is one sentence that a person can act on."""

    exit_code = 1


class ConfigError(LinkwatchError):
    """A configuration that cannot be used. `mistakes` holds one line for each, in the file's order."""

    exit_code = 2

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class UsageError(LinkwatchError):
    exit_code = 2


class AlreadyRunning(LinkwatchError):
    exit_code = 75


class StoreError(LinkwatchError):
    pass


class DamagedDatabase(StoreError):
    pass


class ForeignDatabase(StoreError):
    pass


class NewerDatabase(StoreError):
    pass


class DatabaseUnavailable(StoreError):
    pass
