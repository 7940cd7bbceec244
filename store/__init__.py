"""Postgres: tables, migrations, and the repositories that hold every query. Nothing else in Assent writes SQL."""
