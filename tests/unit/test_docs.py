"""The documentation is true: pages are generated from the code, examples are valid, commands and links exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from cli import app
from contracts.definition import parse_definition
from docs.generate import REFERENCE, pages
from settings import Settings

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:\.venv/bin/)?assent ([a-z][a-z-]*)(.*)")


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Every code block of the language, with the place where it stands."""
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            if found[1] == language:
                line = text.count("\n", 0, found.start()) + 1
                yield f"{file.relative_to(ROOT)}:{line}", found[2]


def commands() -> Iterator[tuple[str, str]]:
    """Every `assent ...` in shell blocks and in code spans."""
    for place, block in blocks("sh"):
        for line in block.replace("\\\n", " ").splitlines():
            if found := COMMAND.search(line):
                yield place, found[0].split("  #")[0]
    for file in FILES:
        for span in re.findall(r"`(assent [a-z][^`\n]*)`", file.read_text(encoding="utf-8")):
            yield str(file.relative_to(ROOT)), span


def options(name: str) -> set[str]:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    command = group.commands[name]
    return {"--help", *(option for parameter in command.params for option in parameter.opts)}


@pytest.mark.parametrize("name", pages())
def test_a_reference_page_is_what_the_code_says(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == pages()[name], "run: python -m docs.generate"


def test_no_other_page_stands_among_the_generated_ones() -> None:
    assert {path.name for path in REFERENCE.iterdir()} == set(pages())


@pytest.mark.parametrize(("place", "source"), [pair for pair in blocks("yaml") if re.search("^steps:", pair[1], re.M)])
def test_an_example_workflow_is_valid(place: str, source: str) -> None:
    definition = parse_definition(source, agents=["classifier"], connectors=["http.request"])
    assert definition.steps, place


@pytest.mark.parametrize(("place", "line"), list(commands()))
def test_a_command_exists_with_its_options(place: str, line: str) -> None:
    found = COMMAND.search(line)
    assert found is not None, place
    used = {
        word.split("=")[0] for word in shlex.split(found[2], comments=True) if re.fullmatch(r"--?[a-z][\w=-]*", word)
    }
    assert used <= options(found[1]), place


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(file: Path) -> None:
    for target in LINK.findall(file.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:|#", target):
            assert (file.parent / target.partition("#")[0]).exists(), target


def test_files_named_in_the_security_page_exist() -> None:
    named = re.findall(r"`([a-z]+/[\w./]+)`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8"))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
