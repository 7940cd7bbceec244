"""Tables of the command line in a narrow terminal."""

import io

from rich.console import Console

from cli import _table


def test_an_id_is_shown_whole_so_that_it_can_be_copied() -> None:
    narrow = Console(width=80, file=io.StringIO())
    ids = ["support-inbox-0123456789abcdef01234567", "x"]
    columns = {"run": "id", "status": "status", "waiting for": "waiting", "started": "at", "error": "error"}
    rows = [
        {"id": one, "status": "running", "waiting": ["intent"], "at": "2026-01-31T09:00:00Z" * 2, "error": "no " * 40}
        for one in ids
    ]
    narrow.print(_table("Runs", columns, rows))
    file = narrow.file
    assert isinstance(file, io.StringIO)
    assert all(one in file.getvalue() for one in ids)
