"""What systemd wants to hear of a service of `Type=notify` (sd_notify(3)); nothing where it does not listen."""

import os
import socket
from collections.abc import Mapping

READY, STOPPING, WATCHDOG, RELOADED = "READY=1", "STOPPING=1", "WATCHDOG=1", "RELOADING=1"


def notify(*lines: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether it was told. `lines` as `READY=1` or `STATUS=…`."""
    address = environment.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return False
    if address.startswith("@"):
        address = f"\0{address[1:]}"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as one:
            one.sendto("\n".join(lines).encode(), address)
    except OSError:
        return False
    return True


def watchdog_s(environment: Mapping[str, str] = os.environ) -> float | None:
    """How often it wants to be fed at the latest, in seconds; None: it does not watch us."""
    text, pid = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not text.isdigit() or (pid and pid != str(os.getpid())):
        return None
    return int(text) / 1_000_000
