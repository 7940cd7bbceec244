"""Durations and moments as the language writes them: "1m30s", "72h", and RFC 3339 timestamps."""

import re
from datetime import datetime

UNITS_IN_MILLISECONDS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
DURATION_PATTERN = r"^(\d{1,12}d)?(\d{1,12}h)?(\d{1,12}m)?(\d{1,12}s)?(\d{1,12}ms)?$"
MAX_DURATION = 10 * 366 * 86_400.0

_DURATION = re.compile(DURATION_PATTERN, re.ASCII)
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)


def parse_duration(text: str) -> float:
    """Seconds of "500ms", "30s", "1m30s", "72h" or "7d"; more than zero, at most ten years, to the millisecond.

    Raises:
        ValueError: saying what was expected.
    """
    match = _DURATION.fullmatch(text)
    if not match or not text:
        raise ValueError(f'is not a duration: "{text[:40]}"')
    units = zip(match.groups(), UNITS_IN_MILLISECONDS.items(), strict=True)
    milliseconds = sum(int(part.removesuffix(unit)) * factor for part, (unit, factor) in units if part)
    seconds = milliseconds / 1000
    if not 0 < seconds <= MAX_DURATION:
        raise ValueError("must be longer than 0s and at most ten years")
    return seconds


def format_duration(seconds: float) -> str:
    """The shortest text that `parse_duration` reads as the same number of seconds."""
    rest = round(seconds * 1000)
    parts = []
    for unit, factor in UNITS_IN_MILLISECONDS.items():
        count, rest = divmod(rest, factor)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_timestamp(text: str) -> datetime:
    """The moment of an RFC 3339 timestamp with its offset, such as 2026-01-31T09:00:00Z.

    Raises:
        ValueError: saying what was expected.
    """
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError(f'is not a timestamp with an offset: "{text[:40]}"')
    return datetime.fromisoformat(text.upper())
