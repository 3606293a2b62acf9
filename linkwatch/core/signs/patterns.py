"""Regular expressions that read as lists."""

import re


def any_of(*alternatives: str) -> str:
    return f"(?:{'|'.join(alternatives)})"


def opening(*alternatives: str) -> re.Pattern[str]:
    """For headings and sentences that begin so; `match` it. Ends are the alternatives' own."""
    return re.compile(f"^{any_of(*alternatives)}", re.IGNORECASE)


def anywhere(*alternatives: str) -> re.Pattern[str]:
    return re.compile(any_of(*alternatives), re.IGNORECASE)
