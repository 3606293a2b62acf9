"""What somebody may do at the review desk: a closed list, the least first."""

from enum import IntEnum


class Role(IntEnum):
    """Each may all that those before it may."""

    NOBODY = 0  # nothing at all
    VIEWER = 1  # look
    EDITOR = 2  # answer what was found
    OPERATOR = 3  # see what concerns the machine: faults in words of the system, complaints about the configuration

    @property
    def word(self) -> str:
        """As it stands in the configuration and in the database: "editor"."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> "Role":
        """The role of that name; raises ValueError where there is none."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"{word!r} is not a role") from None


GRANTED = tuple(role.word for role in (Role.VIEWER, Role.EDITOR, Role.OPERATOR))  # those that people are given
