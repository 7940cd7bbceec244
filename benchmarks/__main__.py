"""Run all benchmarks and write `docs/benchmarks.md`: `python -m benchmarks [NAME ...]`.

Figures of benchmarks that were not named stay as they are in the document.
"""

import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
FIGURES = DOCUMENT.with_suffix(".json")
NAMES = ("engine", "decision", "triage", "startup")

# What each figure should reach; the rest is context.
GOALS = {
    "seq5_latency_ratio": "<= 1.1 (at least 1.3)",
    "fanout200_time_ratio": "<= 1.1 (at least 1.3)",
    "throughput_ratio": ">= 0.9 (at least 0.75)",
    "stock_speedup": ">= 5",
    "decision_ms_p50": "< 60",
    "warm_start_seconds": "< 10",
}


def run(name: str) -> dict[str, float]:
    """The figures of one benchmark, measured in a process of its own."""
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json"]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(finished.stdout.strip().splitlines()[-1])
    return figures


def purpose(name: str) -> str:
    """The docstring of a benchmark."""
    text = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    return text.split('"""')[1].strip()


def section(name: str, result: dict[str, float]) -> str:
    rows = "\n".join(f"| `{key}` | {value:g} | {GOALS.get(key, '')} |" for key, value in result.items())
    return f"## {name}\n\n```text\n{purpose(name)}\n```\n\n| figure | value | goal |\n| --- | ---: | --- |\n{rows}\n"


def document(results: dict[str, dict[str, float]]) -> str:
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total // 2**30
    machine = (
        f"{cores} cores, {memory} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )
    head = (
        "# Benchmarks\n\nWritten by `make bench`; not edited by hand. Absolute times are of one noisy machine "
        f"({machine}); ratios were measured in one run, each side in turn. Last run: {datetime.now(UTC):%Y-%m-%d}.\n"
    )
    return "\n".join([head, *(section(name, results[name]) for name in NAMES if name in results)])


def main() -> None:
    names = sys.argv[1:] or list(NAMES)
    results = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    for name in names:
        print(f"benchmarks.{name}", file=sys.stderr)
        results[name] = run(name)
    FIGURES.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    DOCUMENT.write_text(document(results), encoding="utf-8")
    print(f"wrote {DOCUMENT}", file=sys.stderr)


if __name__ == "__main__":
    main()
