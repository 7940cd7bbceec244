"""Hints for what was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 12


def did_you_mean(word: str, known: Iterable[str], label: str = "known") -> str:
    """The nearest of `known` as a question, and what else is known; empty when nothing is."""
    options = sorted(set(known))
    if not options:
        return ""
    near = get_close_matches(word[:80], options, n=1)
    listed = ", ".join(options[:_SHOWN]) + (", ..." if len(options) > _SHOWN else "")
    return (f'did you mean "{near[0]}"? ' if near else "") + f"{label}: {listed}"
