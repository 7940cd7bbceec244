"""Bring a database to the newest schema: `python -m store.migrate` with DATABASE_URL, or `migrate(url)`.

Concurrent callers wait for each other (an advisory lock), so every process may call it at its start.
"""

import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database_url: str) -> None:
    """Run all migrations that are missing. `database_url` is postgresql://..."""
    command.upgrade(alembic_config(database_url), "head")


def alembic_config(database_url: str) -> Config:
    """Alembic's configuration for the database at `database_url`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = database_url
    return config


if __name__ == "__main__":
    url = os.environ.get("DATABASE_URL")
    if not url:
        sys.exit("DATABASE_URL is not set: set it to postgresql://user:password@host:port/database")
    migrate(url)
