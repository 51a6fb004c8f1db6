"""How many examples a property is tried on."""

from __future__ import annotations

from hypothesis import settings


def few(number: int) -> settings:
    """Return settings for `number` examples, or for ten times as many in the random search (see `conftest.py`)."""
    return settings(max_examples=number if settings().derandomize else 10 * number)
