"""How soon a run goes on: from the decision's request to the next step's result in the live subscription.

A run asks a person; the decision goes through the API; the next step delivers a ticket over HTTP to a local sink. The
whole embedded stack runs, as `assent up` starts it; one decision at a time.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from benchmarks import servers
from benchmarks.report import Figures, main, percentile, progress
from benchmarks.stack import Running, running

WARM_UP = 5

SOURCE = """
name: bench-decision
vars: {sink: ""}
steps:
  - {id: ask, approval: {title: Go on?, form: {type: object}}}
  - id: deliver
    needs: [ask]
    connector: http.request
    with: {method: POST, url: "${ vars.sink }/tickets", json: {run: "${ run.id }"}}
"""


async def one(stack: Running, events: AsyncIterator[dict[str, Any]]) -> float:
    """Start a run, wait for its task, decide, wait for the next step; seconds of the latter two."""
    run = await stack.api.send("POST", "/workflows/bench-decision/runs", {"input": {}})
    task_id = await _next(events, run["id"], "task", "pending", "taskId")
    task = await stack.api.get(f"/tasks/{task_id}")
    body = {"proposal_hash": task["proposal_hash"], "verdict": "approve"}
    started = time.perf_counter()
    deciding = asyncio.create_task(stack.api.send("POST", f"/tasks/{task_id}/decision", body))
    while await _next(events, run["id"], "step", "completed", "step") != "deliver":
        pass
    seconds = time.perf_counter() - started
    await deciding
    return seconds


async def _next(events: AsyncIterator[dict[str, Any]], run_id: str, kind: str, status: str, key: str) -> Any:
    async for event in events:
        if (event["runId"], event["kind"], event["status"]) == (run_id, kind, status):
            return event[key]
    raise RuntimeError("the subscription ended")


async def measure(arguments: argparse.Namespace) -> Figures:
    async with servers.folder() as data, running(data / "stack") as stack:
        await stack.api.send("PUT", "/workflows", {"source": SOURCE, "variables": {"sink": stack.sink_url}})
        async with stack.events() as events:
            progress.print(f"{arguments.decisions} decisions, one at a time")
            values = [await one(stack, events) for _ in range(arguments.decisions + WARM_UP)][WARM_UP:]
    return {
        "decision_ms_p50": percentile(values, 0.5) * 1000,
        "decision_ms_p95": percentile(values, 0.95) * 1000,
        "decisions": float(len(values)),
    }


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--decisions", type=int, default=100, help="how many, default 100")


if __name__ == "__main__":
    main("decision", measure, _options)
