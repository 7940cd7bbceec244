"""One-time codes, browser sessions and API tokens; of each only the digest of its secret."""

from datetime import timedelta

from store.database import Connection

INSERT = "INSERT INTO sign_ins (secret_hash, kind, person, expires_at) VALUES ($1, $2, $3, now() + $4)"
USE_CODE = "DELETE FROM sign_ins WHERE secret_hash = $1 AND kind = 'code' AND expires_at > now() RETURNING person"
FIND = "SELECT person FROM sign_ins WHERE secret_hash = $1 AND kind = ANY($2::text[]) AND expires_at > now()"


async def add(connection: Connection, digest: bytes, *, kind: str, person: str, lifetime: timedelta) -> None:
    """Store a new code, session or token."""
    await connection.execute(INSERT, digest, kind, person, lifetime)


async def use_code(connection: Connection, digest: bytes) -> str | None:
    """Whose one-time code this is; it is gone afterwards."""
    person: str | None = await connection.fetchval(USE_CODE, digest)
    return person


async def person_of(connection: Connection, digest: bytes, *, kinds: list[str]) -> str | None:
    """Whose live session or token this is."""
    person: str | None = await connection.fetchval(FIND, digest, kinds)
    return person


async def remove(connection: Connection, digest: bytes) -> None:
    """End a session or token."""
    await connection.execute("DELETE FROM sign_ins WHERE secret_hash = $1", digest)
