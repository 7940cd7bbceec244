"""Who is asking: a browser with a session cookie, or a program with a bearer token. One place for both."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from auth.secrets import (
    ADMIN,
    CODE_LIFETIME,
    SESSION_LIFETIME,
    TOKEN_LIFETIME,
    digest,
    new_secret,
)
from contracts.errors import NotSignedIn
from store import sign_ins
from store.database import Database

COOKIE = "assent_session"
HINT = "run `assent sign-in` for a fresh link, or send an API token"


@dataclass(frozen=True)
class Person:
    """Who is signed in."""

    name: str


async def identify(connection: HTTPConnection, database: Database) -> Person | None:
    """Who sent this request, or None."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return await _person(database, token.strip(), "token")
    cookie = connection.cookies.get(COOKIE)
    return await _person(database, cookie, "session") if cookie else None


async def require(connection: HTTPConnection, database: Database) -> Person:
    """Who sent this request.

    Raises:
        NotSignedIn: nobody that we know.
    """
    person = await identify(connection, database)
    if person is None:
        raise NotSignedIn("nobody is signed in", hint=HINT)
    return person


async def _person(database: Database, secret: str, kind: str) -> Person | None:
    async with database.connection() as connection:
        name = await sign_ins.person_of(connection, digest(secret), kinds=[kind])
    return Person(name) if name else None


async def known_token(database: Database, token: str) -> bool:
    """Whether an API token is live."""
    return await _person(database, token, "token") is not None


async def sign_in(database: Database, code: str) -> tuple[Person, str]:
    """Exchange a one-time code for a session; the session's secret comes back once.

    Raises:
        NotSignedIn: the code is wrong, used or too old.
    """
    secret = new_secret()
    async with database.transaction() as connection:
        name = await sign_ins.use_code(connection, digest(code))
        if name is None:
            raise NotSignedIn("this sign-in link was used or is too old", hint="run `assent sign-in` for a fresh one")
        await sign_ins.add(connection, digest(secret), kind="session", person=name, lifetime=SESSION_LIFETIME)
    return Person(name), secret


async def sign_out(database: Database, secret: str) -> None:
    """End a session."""
    async with database.transaction() as connection:
        await sign_ins.remove(connection, digest(secret))


async def issue_sign_in(database: Database, public_url: str) -> str:
    """A one-time sign-in link for the local admin. The code stands behind `#`, so that no server log ever has it."""
    code = new_secret()
    async with database.transaction() as connection:
        await sign_ins.add(connection, digest(code), kind="code", person=ADMIN, lifetime=CODE_LIFETIME)
    return f"{public_url}/sign-in#code={code}"


async def issue_token(database: Database) -> str:
    """A new API token of the local admin, for the command line on this machine."""
    token = new_secret()
    async with database.transaction() as connection:
        await sign_ins.add(connection, digest(token), kind="token", person=ADMIN, lifetime=TOKEN_LIFETIME)
    return token
