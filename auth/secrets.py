"""Secrets that people and programs carry: made at random, shown once, stored only as a digest."""

import hashlib
import secrets
from datetime import timedelta

ADMIN = "admin"
"""The one local person until there are accounts."""

CODE_LIFETIME = timedelta(minutes=30)
SESSION_LIFETIME = timedelta(days=30)
TOKEN_LIFETIME = timedelta(days=3650)


def new_secret() -> str:
    """256 random bits, safe in URLs and headers (43 characters)."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """SHA-256 (32 bytes). Enough for random secrets, which cannot be guessed; passwords would need Argon2."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
