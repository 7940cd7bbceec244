"""Who the embedded Postgres runs as. It refuses to run as root, and as a user without a name.

An ordinary user runs it as is. Otherwise one of two programs of util-linux changes the identity, whichever works here:

1. `unshare --user`: inside a user namespace root appears as an ordinary user; files stay owned by root.
2. `setpriv`: a real change to an unprivileged user that keeps the one capability to reach folders below a private home.
   This serves containers, which commonly forbid user namespaces.

Nobody's folder permissions are widened, no account is created, and nothing is installed outside the data folder.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contracts.errors import Unavailable

ACCOUNTS = ("postgres", "daemon", "nobody")
KEPT = "-all,+dac_override"


@dataclass(frozen=True, slots=True)
class Identity:
    """A command prefix that changes identity, and the numeric owner that its files must have."""

    prefix: tuple[str, ...]
    uid: int
    gid: int


@cache
def unprivileged() -> Identity:
    """The identity for a program that refuses root.

    Raises:
        Unavailable: this is root, and the host allows neither way.
    """
    own = Identity((), os.geteuid(), os.getegid())
    if own.uid != 0 and _has_name(own.uid):
        return own
    account = _account()
    for candidate in (in_namespace(account, own), by_capability(account)):
        if works(candidate):
            return candidate
    raise Unavailable(
        "the embedded Postgres cannot run as root on this host (neither user namespaces nor setpriv work)",
        hint="start as an ordinary user, or set DATABASE_URL to an existing Postgres",
    )


def in_namespace(account: pwd.struct_passwd, own: Identity) -> Identity:
    """Appear as `account` inside a user namespace, with `own`'s access to files."""
    ids = (f"--map-user={account.pw_uid}", f"--map-group={account.pw_gid}")
    return Identity(("unshare", "--user", *ids, "--"), own.uid, own.gid)


def by_capability(account: pwd.struct_passwd) -> Identity:
    """Become `account`, keeping only the capability to reach files."""
    ids = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
    capabilities = (f"--inh-caps={KEPT}", f"--ambient-caps={KEPT}", f"--bounding-set={KEPT}")
    return Identity(("setpriv", *ids, *capabilities, "--"), account.pw_uid, account.pw_gid)


def works(identity: Identity) -> bool:
    """Whether the prefix runs a program here that then is not root."""
    try:
        answer = subprocess.run([*identity.prefix, "id", "-u"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.strip() not in ("", "0")


def give(folder: Path, identity: Identity) -> None:
    """Make `folder` and everything in it belong to `identity`, where it does not already."""
    if folder.stat().st_uid == identity.uid:
        return
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in (*folders, *files):
            os.chown(Path(parent) / name, identity.uid, identity.gid, follow_symlinks=False)
    os.chown(folder, identity.uid, identity.gid)


def _account() -> pwd.struct_passwd:
    named = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in ACCOUNTS:
        if name in named:
            return named[name]
    raise Unavailable(
        "no unprivileged account exists for the embedded Postgres",
        hint="start as an ordinary user, or set DATABASE_URL",
    )


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
