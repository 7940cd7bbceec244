"""Finding the `temporal` program, and its command line."""

from itertools import pairwise
from pathlib import Path

import pytest

from contracts.errors import Unavailable
from contracts.queues import SEARCH_ATTRIBUTES
from local.temporal import dev_server, find_temporal, go_module, version

PROGRAM = """#!/bin/sh
echo --sqlite-pragma --search-attribute --dynamic-config-value
"""


def program(path: Path, text: str = PROGRAM) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home: no cache, and nothing on PATH but the shell's own folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_the_configured_program_comes_first(nothing_installed: Path) -> None:
    program(nothing_installed / "bin" / "temporal")
    configured = program(nothing_installed / "own" / "temporal")
    assert find_temporal(configured, print) == configured


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho some older version\n"])
def test_a_configured_program_that_does_not_work_is_named(nothing_installed: Path, text: str) -> None:
    broken = program(nothing_installed / "own" / "temporal", text)
    with pytest.raises(Unavailable, match=f"TEMPORAL_CLI: {broken}"):
        find_temporal(broken, print)


def test_path_comes_before_the_cache(nothing_installed: Path) -> None:
    on_path = program(nothing_installed / "bin" / "temporal")
    cached = program(nothing_installed / "cache" / "assent" / "bin" / f"temporal-{version()}")
    assert find_temporal(None, print) == on_path
    on_path.unlink()
    assert find_temporal(None, print) == cached


def test_the_version_is_the_one_that_the_go_module_pins() -> None:
    assert f"github.com/temporalio/cli v{version()}" in (go_module() / "go.mod").read_text()


def test_the_server_is_tuned_registers_our_search_attributes_and_listens_on_loopback_only() -> None:
    command = dev_server(Path("temporal"), port=1, ui_port=2, database=Path("t.sqlite"), namespaces=("a", "b"))
    pairs = list(pairwise(command))
    assert ("--ip", "127.0.0.1") in pairs
    assert ("--sqlite-pragma", "synchronous=NORMAL") in pairs
    assert ("--dynamic-config-value", "history.transferProcessorMaxPollRPS=10000") in pairs
    assert all(("--search-attribute", f"{name}={kind}") in pairs for name, kind in SEARCH_ATTRIBUTES.items())
    assert [value for flag, value in pairs if flag == "--namespace"] == ["a", "b"]
    assert "--headless" not in command


def test_the_server_of_tests_is_headless_and_in_memory() -> None:
    command = dev_server(Path("temporal"), port=1, ui_port=None, database=None)
    assert "--headless" in command
    assert "--db-filename" not in command
