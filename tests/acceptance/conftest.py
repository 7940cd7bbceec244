"""Options of the journey."""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--queue-picture", type=Path, default=None, help="Take the README's picture of the queue.")
