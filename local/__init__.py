"""The embedded stack of `assent up`: Postgres, Temporal, worker and API as supervised child processes."""
