"""The rules of the code's layout: who may import whom, what pure layers never touch, and how long things get."""

import ast
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LAYERS: dict[str, set[str]] = {
    "contracts": set(),
    "settings": set(),
    "learning": {"contracts"},
    "sandbox": {"contracts"},
    "connectors": {"contracts"},
    "auth": {"contracts"},
    "store": {"contracts"},
    "activities": {"contracts", "learning"},
    "workflows": {"contracts", "activities"},
    "api": {"contracts", "workflows", "store", "auth", "learning", "settings"},
}
ROOTS = {"worker", "cli", "local"}
"""Composition roots may import everything."""

FIRST_PARTY = set(LAYERS) | ROOTS
IMPURE = {"asyncpg", "httpx", "os", "random", "requests", "secrets", "socket", "sqlalchemy", "subprocess", "time"}
REPEATABLE = {
    "asyncio",
    "collections.abc",
    "datetime",
    "temporalio",
    "temporalio.common",
    "temporalio.exceptions",
    "typing",
}
ORDERED = {"CancelledError", "Event", "Future", "create_task", "gather", "get_running_loop", "timeout"}
"""Of asyncio; `wait`, `as_completed` and `TaskGroup` go by sets, and their order differs between replays."""

CLOCKS = {"now", "today", "utcnow"}
MAX_FILE, MAX_FUNCTION = 400, 80
SQL = re.compile(r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET)\b", re.DOTALL)


def tracked(*suffixes: str) -> list[Path]:
    """Files that git knows, and that are there."""
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    paths = [ROOT / name for name in names if not suffixes or name.endswith(suffixes)]
    return [path for path in paths if path.is_file()]


def modules() -> list[Path]:
    """Python of the product: neither tests nor benchmarks."""
    return [path for path in tracked(".py") if layer_of(path) in FIRST_PARTY]


def layer_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Modules that a file imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield node.module or "", node.lineno


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def test_there_is_something_to_check() -> None:
    assert {"contracts", "store", "api", "workflows", "activities"} <= {layer_of(path) for path in modules()}


def test_every_layer_imports_only_what_it_may() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in modules()
        if layer_of(path) not in ROOTS
        for module, line in imports(parsed(path))
        if (top := module.split(".")[0]) in FIRST_PARTY and top != layer_of(path) and top not in LAYERS[layer_of(path)]
    ]
    assert wrong == []


def test_contracts_and_workflows_are_pure() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in modules()
        if layer_of(path) in ("contracts", "workflows")
        for module, line in imports(parsed(path))
        if module.split(".")[0] in IMPURE
    ]
    assert wrong == []


def test_workflows_import_only_what_is_the_same_every_time() -> None:
    """Production runs them without the SDK's sandbox, so nothing with a clock, chance or I/O may come near."""
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in modules()
        if layer_of(path) == "workflows"
        for module, line in imports(parsed(path))
        if module not in REPEATABLE and module.split(".")[0] not in ("activities", "contracts", "workflows")
    ]
    assert wrong == []


def test_workflows_use_of_asyncio_what_has_an_order() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno} uses asyncio.{node.attr}"
        for path in modules()
        if layer_of(path) == "workflows"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "asyncio" and node.attr not in ORDERED
    ]
    assert wrong == []


def test_workflows_call_no_builtin_that_reads_or_remembers() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        if layer_of(path) == "workflows"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Global)
        or (isinstance(node, ast.Name) and node.id in ("open", "input", "id", "hash", "exec", "eval", "__import__"))
    ]
    assert wrong == []


def test_contracts_and_workflows_never_ask_for_the_time() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno} calls {ast.unparse(node.func)}"
        for path in modules()
        if layer_of(path) in ("contracts", "workflows")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
        if ast.unparse(node.func) != "workflow.now"
    ]
    assert wrong == []


def test_workflows_has_an_empty_package_file() -> None:
    assert (ROOT / "workflows" / "__init__.py").read_text() == ""


def test_sql_lives_in_store_only() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        if layer_of(path) not in ("store", "local")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]
    assert wrong == []


def test_only_composition_roots_read_settings_and_the_environment() -> None:
    allowed = {
        "settings.py",
        "api/__main__.py",
        "api/app.py",
        "api/openapi.py",
        "store/migrate.py",
        "worker.py",
        "cli.py",
    }
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        if name_of(path) not in allowed and layer_of(path) != "local"
        for node in ast.walk(parsed(path))
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"))
        or (isinstance(node, ast.Name) and node.id == "load_settings")
    ]
    assert wrong == []


def test_files_and_functions_stay_short() -> None:
    generated = ("store/migrations/",)
    long_files = [
        f"{name_of(path)}: {count} lines"
        for path in modules()
        if not name_of(path).startswith(generated)
        and (count := len(path.read_text(encoding="utf-8").splitlines())) > MAX_FILE
    ]
    long_functions = [
        f"{name_of(path)}:{node.lineno} {node.name}: {count} lines"
        for path in tracked(".py")
        if not name_of(path).startswith(generated)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (count := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION
    ]
    assert long_files + long_functions == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        name_of(path)
        for path in modules()
        if path.read_text().strip() and ast.get_docstring(parsed(path)) is None and "versions" not in path.parts
    ]
    assert silent == []


def test_no_installed_distribution_owns_one_of_our_names() -> None:
    owners = packages_distributions()
    taken = {name: owners[name] for name in FIRST_PARTY if set(owners.get(name, ())) - {"assent"}}
    assert taken == {}


MACHINE_PATHS = re.compile(r"(?<![\w./-])/(work|root|home|Users)/[\w.-]+")
REGISTRIES = re.compile(
    r"https?://[\w.-]*(pypi|npmjs|npm|goproxy|artifactory|nexus|proxy\.golang)[\w.-]*", re.IGNORECASE
)
PUBLIC_REGISTRIES = {"https://pypi.org", "https://registry.npmjs.org", "https://files.pythonhosted.org"}


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRIES], ids=["machine paths", "registries"])
def test_no_tracked_file_names_a_machine_or_a_private_registry(pattern: re.Pattern[str]) -> None:
    found = []
    for path in tracked():
        try:
            content = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{name_of(path)}: {match.group()}"
            for match in pattern.finditer(content)
            if match.group() not in PUBLIC_REGISTRIES
        ]
    assert sorted(set(found)) == []
