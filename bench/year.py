"""A year of an installation's life: `python3 do.py python bench/year.py [--days 365] [--kills 30] [--seed 7]`.

21 links checked daily and mailed about, four moments a day, each in a process of its own; some are killed, some find
the disk full (a tmpfs: needs root), some the network gone. What it prints must be empty lists.
"""

import argparse
import platform
import sys
import tempfile
from datetime import date
from os import cpu_count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.scheduling.year import Lived, live


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=date.fromisoformat, default=date(2026, 12, 1))
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--full-disks", type=int, default=5)
    parser.add_argument("--lost-networks", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lived = live(
            Path(folder) / "project",
            wanted.first,
            wanted.days,
            kills=wanted.kills,
            full_disks=wanted.full_disks,
            lost_networks=wanted.lost_networks,
            seed=wanted.seed,
        )
    print(f"{cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    return _tell(lived)


def _tell(lived: Lived) -> int:
    print(f"{lived.days} days from its first check, {lived.kills} kills, {lived.full_disks} full disks, "
          f"{lived.lost_networks} lost networks: {lived.seconds:.0f} s")  # fmt: skip
    print(f"{lived.mails} digests, {lived.doubled} of them twice under the same Message-ID; "
          f"links seen broken {lived.broken_seen} times; database {lived.size / 1e6:.2f} MB")  # fmt: skip
    wrong = {
        "mistakes of ours": lived.failed,
        "false states": lived.false_states,
        "outages never told": lived.untold,
        "mail lost or doubled": lived.wrong_mail,
        "jobs lost or doubled": lived.wrong_jobs,
    }
    for what, found in wrong.items():
        print(f"{what}: {found[:10]}" + (f" and {len(found) - 10} more" if len(found) > 10 else ""))
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
