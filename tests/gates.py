"""Runs every gate, for people and for CI: `python -m tests.gates [NAME ...]`, by default all.

A gate is one command. All of them run even when one fails; the end lists which passed, failed and were skipped, and
why. System packages that gates need stand in `packages.txt`. With CI=true nothing may be skipped.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
FRONTEND = ROOT / "frontend"
STYLES = {"passed": "green", "failed": "red", "skipped": "yellow"}


@dataclass(frozen=True)
class Gate:
    name: str
    command: Sequence[str]
    folder: Path = ROOT


@dataclass(frozen=True)
class Package:
    """A system package: `command` shows that it is installed, `gate` needs it."""

    name: str
    command: str
    gate: str


@dataclass(frozen=True)
class Outcome:
    gate: str
    state: str
    seconds: float = 0
    note: str = ""


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def npm(script: str) -> list[str]:
    return ["npm", "run", "--silent", script]


GATES = (
    Gate("format", python("ruff", "format", "--check", ".")),
    Gate("lint", python("ruff", "check", ".")),
    Gate("types", python("mypy", ".")),
    Gate("app-lint", npm("lint"), FRONTEND),
    Gate("app-types", npm("typecheck"), FRONTEND),
    Gate("app-generated", npm("codegen:check"), FRONTEND),
    Gate("app-tests", npm("test"), FRONTEND),
    Gate("app-build", ["make", "frontend/dist/index.html"]),
    # One process, so that unit, architecture, replay, integration and fault tests share one set of servers.
    Gate("pytest", python("pytest", "-q", "-m", "not browser")),
    Gate("journey", python("pytest", "-q", "-m", "browser")),
)


def main(names: Sequence[str]) -> int:
    """Run the named gates, or all; the exit code."""
    unknown = set(names) - {gate.name for gate in GATES}
    if unknown:
        print(f"no such gate: {', '.join(sorted(unknown))}; there are {', '.join(gate.name for gate in GATES)}")
        return 2
    console = Console(highlight=False)
    chosen = [gate for gate in GATES if not names or gate.name in names]
    missing = install(needed(chosen), console)
    outcomes = [run(gate, missing, console) for gate in chosen]
    console.print(summary(outcomes))
    bad = {"failed", "skipped"} if os.environ.get("CI") == "true" else {"failed"}
    return int(any(outcome.state in bad for outcome in outcomes))


def run(gate: Gate, missing: Sequence[Package], console: Console) -> Outcome:
    """Run one gate, unless a package that it needs is missing."""
    lacking = [package.name for package in missing if package.gate == gate.name]
    if lacking:
        return Outcome(gate.name, "skipped", note=f"apt-get install {' '.join(lacking)}")
    console.rule(gate.name, align="left")
    started = time.monotonic()
    code = subprocess.run(gate.command, cwd=gate.folder, check=False).returncode
    return Outcome(gate.name, "failed" if code else "passed", time.monotonic() - started)


def needed(gates: Sequence[Gate]) -> list[Package]:
    """The packages that these gates need and this machine lacks."""
    lines = (ROOT / "packages.txt").read_text(encoding="utf-8").splitlines()
    packages = [Package(*line.split()) for line in lines if line and not line.startswith("#")]
    names = {gate.name for gate in gates}
    return [package for package in packages if package.gate in names and shutil.which(package.command) is None]


def install(packages: Sequence[Package], console: Console) -> list[Package]:
    """Install the packages where that is allowed; those that are still missing."""
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        names = [package.name for package in packages]
        console.print(f"Installing {' '.join(names)}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *names]):
            subprocess.run(["apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
    return [package for package in packages if shutil.which(package.command) is None]


def summary(outcomes: Sequence[Outcome]) -> Table:
    """What ran and what did not, with the command that would change that."""
    table = Table("gate", "", "seconds", "to run it", title="Gates", title_justify="left")
    for outcome in outcomes:
        state = f"[{STYLES[outcome.state]}]{outcome.state}[/]"
        table.add_row(outcome.gate, state, f"{outcome.seconds:.1f}", outcome.note)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
