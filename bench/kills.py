"""A thousand kills at random moments: `python3 do.py python bench/kills.py [--kills 1000] [--seed 1]`.

After each the database is looked through (integrity, foreign keys), and in the end everything that is due is done.
"""

import argparse
import platform
import sys
import tempfile
from os import cpu_count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.scheduling.kills import kill


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        survived = kill(Path(folder) / "project", wanted.kills, seed=wanted.seed)
    print(f"{cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    print(f"{survived.kills} kills in {survived.seconds:.0f} s, {survived.runs} of them in the middle of a run; "
          f"{survived.ended_before} more came too late")  # fmt: skip
    print(f"damaged: {survived.damaged}")
    return 1 if survived.damaged else 0


if __name__ == "__main__":
    sys.exit(main())
