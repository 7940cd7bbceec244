"""How a benchmark is called and what it prints: figures as a table, or as one flat JSON object, last."""

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, float]
progress = Console(stderr=True)


def main(
    module: str,
    measure: Callable[[argparse.Namespace], Coroutine[Any, Any, Figures]],
    options: Callable[[argparse.ArgumentParser], None] | None = None,
) -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{module}", description=sys.modules["__main__"].__doc__)
    parser.add_argument("--json", action="store_true", help="print one flat JSON object, last")
    if options:
        options(parser)
    arguments = parser.parse_args()
    figures = asyncio.run(measure(arguments))
    rounded = {name: round(value, 4) for name, value in figures.items()}
    if arguments.json:
        print(json.dumps(rounded))
        return
    table = Table("figure", "value", title=f"benchmarks.{module}", title_justify="left")
    for name, value in rounded.items():
        table.add_row(name, f"{value:g}")
    Console().print(table)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


median = statistics.median
