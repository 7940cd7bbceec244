"""How long a newcomer waits: `make run` from a fresh clone with empty caches until all is ready, and again.

`cold_start_seconds` and `warm_start_seconds` count from the command to the line that `assent up --json` prints when
the app answers; the former includes every download, the build of the app and of the Temporal binary where none can be
downloaded. `--warm-cache` keeps this machine's caches (downloads), and measures set-up and start alone.
"""

import argparse
import asyncio
import json
import os
import signal
import time
from pathlib import Path

from benchmarks import servers
from benchmarks.report import Figures, main, progress
from local.processes import free_port

ROOT = Path(__file__).parents[1]
LIMIT_SECONDS = 3600


async def start_and_stop(clone: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds until ready of one `make run`, and of its `assent up` alone."""
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        "make", "run", "ARGS=--json --limit 1", cwd=clone, env=environment, stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        while line := await asyncio.wait_for(process.stdout.readline(), LIMIT_SECONDS):
            if line.startswith(b"{"):
                ready = time.perf_counter() - started
                printed = json.loads(line)
                return ready, printed.get("cold_start_seconds") or printed["warm_start_seconds"]
        raise RuntimeError("make run ended before it was ready")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        await process.wait()


async def measure(arguments: argparse.Namespace) -> Figures:
    async with servers.folder() as data:
        clone = data / "clone"
        cloning = await asyncio.create_subprocess_exec("git", "clone", "--quiet", str(ROOT), str(clone))
        await cloning.wait()
        environment = {**os.environ, "DATA_DIR": str(data / "data"), "API_PORT": str(free_port())}
        if not arguments.warm_cache:
            caches = {"XDG_CACHE_HOME": "cache", "UV_CACHE_DIR": "uv", "npm_config_cache": "npm", "GOMODCACHE": "go"}
            environment |= {name: str(data / folder) for name, folder in caches.items()}
            environment |= {"GOCACHE": str(data / "gobuild"), "GOFLAGS": "-modcacherw"}
        progress.print("first start")
        cold, cold_up = await start_and_stop(clone, environment)
        progress.print("second start")
        warm, warm_up = await start_and_stop(clone, environment)
    return {
        "cold_start_seconds": cold,
        "warm_start_seconds": warm,
        "cold_up_seconds": cold_up,
        "warm_up_seconds": warm_up,
    }


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--warm-cache", action="store_true", help="keep this machine's download caches")


if __name__ == "__main__":
    main("startup", measure, _options)
