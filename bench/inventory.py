"""How large an inventory may be: `python3 do.py python bench/inventory.py [--sources 100000]`.

Imports N new sources into an empty `sources_csv`, loads the configuration, changes one address, changes one in a
hundred of them through `new_url`, and says seconds and peak memory, each in a process of its own.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent

_MEASURE = """
import json, resource, sys, time
from pathlib import Path
path, table = Path(sys.argv[1]), Path(sys.argv[2])
started = time.monotonic()
{work}
print(json.dumps([time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
_COMMAND = "from linkwatch.cli import cli\ncli.main([{arguments}, '--config', str(path)], standalone_mode=False)"
_LOAD = "from linkwatch.config import load\nassert len(load(path).sources) == {n}"


def table(n: int, *, new_url: bool) -> str:
    rows = (
        f"s{at};Länk {at} till kommunens sida;Region {at % 300};webb@r{at % 300}.example;;"
        f"https://www.region{at % 300}.example/sv/om/verksamheten/sida-{at}.html;"
        f"{f'https://www.region{at % 300}.example/ny/{at}' if new_url and at % 100 == 0 else ''}\r\n"
        for at in range(n)
    )
    return "\ufeffid;name;owner;contact;county;url;new_url\r\n" + "".join(rows)


def measure(work: str, path: Path, source: Path) -> tuple[float, float]:
    command = [sys.executable, "-c", _MEASURE.format(work=work), str(path), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    return seconds, megabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=100_000)
    n = parser.parse_args().sources
    with tempfile.TemporaryDirectory() as name:
        path, source = Path(name) / "sources.toml", Path(name) / "all.csv"
        path.write_text('[monitor]\nsources_csv = "links.csv"\n', encoding="utf-8")
        source.write_text(table(n, new_url=False), encoding="utf-8")
        steps = {
            "import, all new": _COMMAND.format(arguments="'import', str(table)"),
            "load": _LOAD.format(n=n),
            "accept one": _COMMAND.format(arguments="'accept', 's7', 'https://ny.example/'"),
            "import, 1 % changed": _COMMAND.format(arguments="'import', str(table)"),
            "export": _COMMAND.format(arguments="'export', '--out', str(path.with_name('out.csv'))"),
        }
        print(f"{n} sources, {platform.machine()}, Python {platform.python_version()}")
        for title, work in steps.items():
            if "changed" in title:
                source.write_text(table(n, new_url=True), encoding="utf-8")
            seconds, megabytes = measure(work, path, source)
            print(f"{title:20} {seconds:6.2f} s  peak {megabytes:4.0f} MB")


if __name__ == "__main__":
    main()
