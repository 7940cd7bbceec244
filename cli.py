"""Composition root of the command line, `assent`. Commands have `--help` with an example, and `--json` where they show.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 something needed does not answer.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contracts.definition import parse_definition
from contracts.errors import AssentError, InvalidDefinition, InvalidInput, Unavailable
from contracts.plan import make_plan
from local.client import ApiClient, client, read_token, write_token
from local.publishing import publish as publish_bundle
from local.publishing import read_bundle, read_text
from settings import InvalidSettings, Settings, load_settings

app = typer.Typer(
    help="Durable workflows that act when they are sure and ask when they are not.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
console = Console()
errors = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
DataFile = Annotated[Path | None, typer.Option(help="JSONL or CSV with a `text` column; default: our own samples.")]
Limit = Annotated[int, typer.Option(min=1, help="Send at most so many messages.")]
Waiting = Annotated[int, typer.Option(min=1, help="Hold back while so many messages wait for a person.")]


@contextmanager
def _failures() -> Iterator[None]:
    """Shows errors as one clear message and ends with the exit code that belongs to them."""
    try:
        yield
    except AssentError as error:
        errors.print(
            f"[red]error:[/] {escape(error.message)}" + (f"\n[dim]{escape(error.hint)}[/]" if error.hint else "")
        )
        raise typer.Exit(3 if isinstance(error, Unavailable) else 1) from None
    except InvalidSettings as error:
        errors.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(2) from None


def _call(use: Callable[[ApiClient], Coroutine[Any, Any, Any]]) -> Any:
    """Use the API; its errors become exit codes."""

    async def call() -> Any:
        async with client(load_settings()) as api:
            return await use(api)

    with _failures():
        return asyncio.run(call())


def _show(value: Any, as_json: bool, table: Callable[[Any], Table | str]) -> None:
    if as_json:
        print(json.dumps(value, indent=2, ensure_ascii=False))
    else:
        console.print(table(value))


def _table(title: str, columns: dict[str, str], rows: list[dict[str, Any]]) -> Table:
    """`columns` maps headings to keys of a row. The first column, which people copy from, is shown whole."""
    table = Table(*columns, title=title, title_justify="left")
    first = next(iter(columns.values()))
    table.columns[0].min_width = max((len(_cell(row[first])) for row in rows), default=0)
    for row in rows:
        table.add_row(*(escape(_cell(row[key])) for key in columns.values()))
    return table


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.0%}"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return "" if value is None else str(value)


@app.command()
def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Also run the demo: sample messages through an example.")
    ] = False,
    data: DataFile = None,
    limit: Limit = 1_000_000,
    waiting: Waiting = 15,
    as_json: AsJson = False,
) -> None:
    """Start everything on this machine and serve until Ctrl-C. Example: [cyan]assent up --demo[/]"""
    from local.demo import demo_in_background
    from local.stack import StackInfo
    from local.stack import up as stack_up

    board = Console(stderr=as_json)

    async def start(settings: Settings) -> None:
        async def stream(info: StackInfo) -> None:
            async with ApiClient(info.ui_url, read_token(settings.data_dir) or "") as api:
                await demo_in_background(
                    api, sink_url=info.sink_url, console=board, data=data, limit=limit, waiting=waiting
                )

        await stack_up(
            settings,
            demo=demo,
            json_output=as_json,
            sign_in=lambda url, ui: _prepare_sign_in(settings, url, ui),
            on_ready=stream if demo else None,
            console=board,
        )

    with _failures():
        asyncio.run(start(load_settings()))


async def _prepare_sign_in(settings: Settings, database_url: str, ui_url: str) -> str:
    """Make sure that this machine's command line has a token; a fresh one-time link for the browser."""
    from api.sessions import issue_sign_in, issue_token, known_token
    from store.database import open_database

    database = await open_database(database_url, size=1)
    try:
        token = read_token(settings.data_dir)
        if token is None or not await known_token(database, token):
            write_token(settings.data_dir, await issue_token(database))
        return await issue_sign_in(database, ui_url)
    finally:
        await database.close()


@app.command()
def down() -> None:
    """Stop what `assent up` started; its data stays."""
    from local.stack import down as stack_down

    with _failures():
        stopped = stack_down(load_settings())
    console.print("Stopped." if stopped else "Nothing was running.")


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Stop a running stack first.")] = False,
) -> None:
    """Delete all data of this machine's stack. There is no undo."""
    from local.stack import reset as stack_reset

    with _failures():
        settings = load_settings()
        if not yes and not typer.confirm(f"Delete everything that Assent keeps in {settings.data_dir}?"):
            raise typer.Exit(1)
        gone = stack_reset(settings, stop=stop)
    console.print(f"Deleted {len(gone)} items from {settings.data_dir}." if gone else "Nothing to delete.")


@app.command("sign-in")
def sign_in() -> None:
    """Print a fresh one-time link that signs a browser in."""
    from local.state import read_stack

    async def link(settings: Settings) -> str:
        stack = read_stack(settings)
        if stack is None:
            raise Unavailable("Assent is not running here", hint="start it with `assent up`")
        return await _prepare_sign_in(settings, stack.database_url, stack.ui_url)

    with _failures():
        print(asyncio.run(link(load_settings())))


@app.command()
def demo(data: DataFile = None, limit: Limit = 1_000_000, waiting: Waiting = 15) -> None:
    """Stream messages through the example. Example: [cyan]assent demo --data mails.csv --limit 200[/]"""
    from local.demo import run_demo
    from local.state import read_stack

    stack = read_stack(load_settings())
    sink_url = stack.sink_url if stack else None
    _call(lambda api: run_demo(api, sink_url=sink_url, console=console, data=data, limit=limit, waiting=waiting))


@app.command()
def validate(file: Path, as_json: AsJson = False) -> None:
    """Check a workflow file; every problem with its place. Example: [cyan]assent validate workflow.yaml[/]"""
    problems: list[dict[str, Any]] = []
    with _failures():
        try:
            definition = parse_definition(read_text(file))
        except InvalidDefinition as error:
            problems = [
                {"line": p.line, "column": p.column, "message": p.message, "hint": p.hint} for p in error.problems
            ]
    if as_json:
        print(json.dumps({"valid": not problems, "problems": problems}, indent=2, ensure_ascii=False))
    for problem in problems if not as_json else []:
        hint = f" [dim]({escape(problem['hint'])})[/]" if problem["hint"] else ""
        errors.print(
            f"{file}:{problem['line']}:{problem['column']}: {escape(problem['message'])}{hint}", soft_wrap=True
        )
    if problems:
        raise typer.Exit(1)
    if not as_json:
        console.print(f"{file}: valid, {len(definition.steps)} steps")


@app.command()
def plan(file: Path, as_json: AsJson = False) -> None:
    """Show in which order a workflow's steps run. Example: [cyan]assent plan workflow.yaml[/]"""
    with _failures():
        made = make_plan(parse_definition(read_text(file)))
    rows = [
        {"level": step.level, "id": step.id, "kind": step.kind, "uses": step.uses, "needs": list(step.needs)}
        for step in made.steps
    ]
    value = {"steps": rows, "levels": [list(level) for level in made.levels], "critical_path": list(made.critical_path)}
    columns = {"level": "level", "step": "id", "kind": "kind", "uses": "uses", "needs": "needs"}
    _show(value, as_json, lambda value: _table("Plan", columns, value["steps"]))
    if not as_json:
        console.print("critical path: " + " -> ".join(made.critical_path))


def _variables(pairs: list[str]) -> dict[str, Any]:
    variables: dict[str, Any] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator:
            raise InvalidInput(f"--var {pair!r} has no value", hint="write --var name=value")
        variables[name] = _json_or_text(text)
    return variables


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


@app.command()
def publish(
    path: Path,
    var: Annotated[list[str] | None, typer.Option("--var", help="name=value for one of the workflow's vars.")] = None,
    as_json: AsJson = False,
) -> None:
    """Publish a workflow file, or a folder with label collections beside it.

    Example: [cyan]assent publish examples/support-inbox --var helpdesk_url=http://127.0.0.1:8410[/]
    """
    with _failures():
        bundle, variables = read_bundle(path), _variables(var or [])
    value = _call(lambda api: publish_bundle(api, bundle, variables))
    _show(value, as_json, lambda value: f"{value['name']}: revision {value['revision']}")


@app.command()
def run(
    name: str,
    input: Annotated[str, typer.Option("--input", "-i", help="JSON, @FILE, or - for standard input.")] = "{}",
    key: Annotated[str | None, typer.Option(help="Idempotency key: the same key starts one run.")] = None,
    as_json: AsJson = False,
) -> None:
    """Start a run. Example: [cyan]assent run support-inbox -i '{"message": "Where is my parcel?"}'[/]"""
    with _failures():
        value = _read_input(input)
    headers = {"Idempotency-Key": key} if key else None
    started = _call(lambda api: api.send("POST", f"/workflows/{name}/runs", {"input": value}, headers))
    _show(started, as_json, lambda started: f"{started['id']}: {started['status']}")


def _read_input(text: str) -> Any:
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        text = read_text(Path(text[1:]))
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the input is not valid JSON: {error}") from None


@app.command()
def runs(
    run_id: Annotated[str | None, typer.Argument(help="Show one run with its steps.")] = None,
    status: Annotated[str | None, typer.Option(help="starting, running, completed, failed or cancelled.")] = None,
    first: Annotated[int, typer.Option(help="How many, 1 to 200.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs, or show one. Example: [cyan]assent runs --status failed[/]"""
    if run_id is not None:
        detail = _call(lambda api: api.get(f"/runs/{run_id}"))
        columns = {"step": "step", "status": "status", "route": "route", "error": "error", "finished": "finished_at"}
        title = f"{run_id}: {detail['run']['status']}"
        _show(detail, as_json, lambda detail: _table(title, columns, detail["steps"]))
        return
    page = _call(lambda api: api.get("/runs", first=first, status=status))
    columns = {"run": "id", "status": "status", "waiting for": "waiting_for", "started": "started_at", "error": "error"}
    _show(page, as_json, lambda page: _table("Runs", columns, page["nodes"]))


@app.command()
def approvals(first: Annotated[int, typer.Option(help="How many, 1 to 200.")] = 20, as_json: AsJson = False) -> None:
    """List what waits for a person, oldest first. Example: [cyan]assent approvals --json[/]"""
    page = _call(lambda api: api.get("/tasks", first=first))
    rows = [
        {**task, "title": task["proposal"]["title"], "body": task["proposal"]["body"][:80]} for task in page["nodes"]
    ]
    columns = {"task": "id", "workflow": "workflow", "proposal": "title", "sure": "confidence", "about": "body"}
    _show(page, as_json, lambda _: _table("Waiting for you", columns, rows))


@app.command()
def decide(
    task_id: str,
    verdict: Annotated[str, typer.Argument(help="approve, reject or edit; undo takes a decision back.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    payload: Annotated[str | None, typer.Option(help="The changed payload as JSON, for edit.")] = None,
    delay: Annotated[float, typer.Option(help="Seconds during which it can be undone, 0 to 60.")] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Decide a task. Example: [cyan]assent decide TASK edit --payload '{"label": "refund"}'[/]"""
    if verdict not in ("approve", "reject", "edit", "undo"):
        raise typer.BadParameter("must be approve, reject, edit or undo", param_hint="VERDICT")
    with _failures():
        changed = _read_input(payload) if payload else None

    async def send(api: ApiClient) -> Any:
        path = f"/tasks/{task_id}/decision"
        if verdict == "undo":
            return await api.send("DELETE", path)
        task = await api.get(f"/tasks/{task_id}")
        body = {
            "proposal_hash": task["proposal_hash"],
            "verdict": verdict,
            "payload": changed,
            "reason": reason,
            "delay_seconds": delay,
        }
        return await api.send("POST", path, body)

    decided = _call(send)
    _show(decided, as_json, lambda decided: f"{decided['id']}: {decided['status']}")


def main() -> None:
    """The command `assent`."""
    app()


if __name__ == "__main__":
    main()
