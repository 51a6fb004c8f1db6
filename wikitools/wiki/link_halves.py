"""The two halves of a wikilink: which is the name of a page, and which are words for it."""

from __future__ import annotations

from wikitools.wiki.names_index import loosen
from wikitools.wiki.paths import base_name, without_suffix


def are_forms(one: str, other: str) -> bool:
    """Say whether both halves of a wikilink are the same name, ignoring case, blanks, dashes and folders.

    >>> are_forms("places/hong-kong", "Hong Kong"), are_forms("paypal-usd", "PYUSD")
    (True, False)
    """
    names = {loosen(base_name(without_suffix(half.partition("#")[0].strip()))) for half in (one, other)}
    return len(names) == 1 and "" not in names


def names_file(one: str, other: str) -> bool:
    """Say whether only the first half of a wikilink looks like a file's name, and the other like words.

    >>> names_file("hong-kong", "Hong Kong SAR"), names_file("tides", "Tidal waves")
    (True, False)
    """
    return _is_slug(one) and not _is_slug(other)


def _is_slug(name: str) -> bool:
    return " " not in name and any(sign in name for sign in "-_/")
