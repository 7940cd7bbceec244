"""The main job on real messages: does it ask less as people decide, and is it right when it does not ask?

Labelled messages (JSONL with `text` and `label`; made for Banking77) stream in a seeded random order through the real
API of a whole stack that knows the labels' names only. A simulated person answers what is asked, from the labels:
approves what is right, corrects what is not. What the system decides alone is compared with the labels, which it never
sees.

    asked_first_500, asked_last_500   share of messages asked about, among the first and the last 500
    auto_share                        share decided without asking (acted, or acted and notified)
    wrong_auto, wrong_act             share of wrong ones among those, and among those acted on without notice
    wrong_executed                    share of wrong ones among everything that was carried out
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.report import Figures, main, progress
from benchmarks.stack import Running, running

COLLECTION = "bench-triage"
WINDOW = 500
SEED = 7

SOURCE = f"""
name: {COLLECTION}
input: {{type: object, required: [message], properties: {{message: {{type: string}}}}}}
steps:
  - {{id: intent, agent: classifier, with: {{text: "${{ input.message }}", collection: {COLLECTION}}}}}
outputs: {{label: "${{ intent.output.label }}"}}
"""


@dataclass(frozen=True)
class Message:
    text: str
    label: str


@dataclass
class Result:
    """What became of one message: the route of its gate, and whether the label carried out was right."""

    route: str
    right: bool


@dataclass
class Person:
    """Answers from the labels, and notes what happened to each message."""

    stack: Running
    messages: dict[str, Message] = field(default_factory=dict)
    ended: dict[str, asyncio.Event] = field(default_factory=dict)

    async def listen(self, events: AsyncIterator[dict[str, Any]]) -> None:
        async with asyncio.TaskGroup() as group:
            async for event in events:
                if event["kind"] == "task" and event["status"] == "pending":
                    group.create_task(self.answer(event["taskId"]))
                elif event["kind"] == "run" and event["status"] in ("completed", "failed"):
                    self.ended.setdefault(event["runId"], asyncio.Event()).set()

    async def answer(self, task_id: str) -> None:
        task = await self.stack.api.get(f"/tasks/{task_id}")
        truth = {"label": self.messages[task["proposal"]["body"]].label}
        right = task["proposal"]["payload"] == truth
        body = {"proposal_hash": task["proposal_hash"], "verdict": "approve" if right else "edit"}
        await self.stack.api.send("POST", f"/tasks/{task_id}/decision", body if right else {**body, "payload": truth})

    async def handle(self, message: Message) -> Result:
        self.messages[message.text] = message
        run = await self.stack.api.send("POST", f"/workflows/{COLLECTION}/runs", {"input": {"message": message.text}})
        await self.ended.setdefault(run["id"], asyncio.Event()).wait()
        detail = await self.stack.api.get(f"/runs/{run['id']}")
        return Result(detail["steps"][0]["route"], detail["run"]["outputs"] == {"label": message.label})


def read(path: Path, limit: int) -> list[Message]:
    """Distinct messages in a seeded random order."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    messages = list({row["text"]: Message(row["text"], row["label"]) for row in rows if "label" in row}.values())
    random.Random(SEED).shuffle(messages)
    return messages[:limit]


async def stream(person: Person, messages: list[Message], in_flight: int) -> list[Result]:
    """All messages, in order, `in_flight` at a time."""
    slots = asyncio.Semaphore(in_flight)
    done = 0

    async def one(message: Message) -> Result:
        nonlocal done
        async with slots:
            result = await person.handle(message)
        done += 1
        if done % 250 == 0:
            progress.print(f"{done} of {len(messages)} messages")
        return result

    return await asyncio.gather(*(one(message) for message in messages))


async def measure(arguments: argparse.Namespace) -> Figures:
    messages = read(arguments.data, arguments.limit)
    labels = [{"name": label} for label in sorted({message.label for message in messages})]
    async with servers.folder() as data, running(data / "stack") as stack:
        await stack.api.send("PUT", f"/collections/{COLLECTION}/labels", {"labels": labels})
        await stack.api.send("PUT", "/workflows", {"source": SOURCE})
        person = Person(stack)
        async with stack.events() as events:
            listening = asyncio.create_task(person.listen(events))
            started = time.perf_counter()
            results = await stream(person, messages, arguments.in_flight)
            seconds = time.perf_counter() - started
            listening.cancel()
    return figures(results) | {"messages_per_second": len(results) / seconds, "messages": float(len(results))}


def figures(results: list[Result]) -> Figures:
    alone = [result for result in results if result.route != "ask"]
    acted = [result for result in results if result.route == "act"]
    return {
        "asked_first_500": _share([result.route == "ask" for result in results[:WINDOW]]),
        "asked_last_500": _share([result.route == "ask" for result in results[-WINDOW:]]),
        "auto_share": len(alone) / len(results),
        "act_share": len(acted) / len(results),
        "wrong_auto": _share([not result.right for result in alone]),
        "wrong_act": _share([not result.right for result in acted]),
        "wrong_executed": _share([not result.right for result in results]),
    }


def _share(values: list[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=Path("../shared/data/banking77.jsonl"), help="JSONL: text, label")
    parser.add_argument("--limit", type=int, default=3000, help="messages, default 3000")
    parser.add_argument("--in-flight", type=int, default=8, help="messages at a time, default 8")


if __name__ == "__main__":
    main("triage", measure, _options)
