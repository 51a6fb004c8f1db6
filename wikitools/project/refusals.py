"""Remembers in the cache which repairs `lint --fix` refused: until the page changes, they are not offered again.

A change elsewhere may have made one possible, so `--fix` always tries each of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wikitools.lint.fix.fixing import FixId
    from wikitools.lint.policy import Policy
    from wikitools.project.cache import Store

_KIND = "refusals"
_MOST, _KEPT = 10_000, 20
"""How many refusals are remembered for one selection of rules, and for how many selections."""


def remember_refused(
    store: Store, policy: Policy, refused: Mapping[FixId, str], hash_of: Callable[[str], bytes]
) -> None:
    """Store why fixes were refused in a run with these rules; `hash_of` returns the current hash of a file."""
    from wikitools.project.cache import pack

    known = recall_refused(store, policy, hash_of)
    if all(known.get(fix_id) == why for fix_id, why in refused.items()):
        return
    kept = [(*fix_id, why, hash_of(fix_id[0])) for fix_id, why in {**known, **refused}.items()]
    store.put_thing(_key(policy), _KIND, pack(kept[-_MOST:]), kept=_KEPT)


def recall_refused(store: Store, policy: Policy, hash_of: Callable[[str], bytes]) -> Mapping[FixId, str]:
    """Return why fixes were refused on files that have not changed since, in runs with the same rules."""
    from wikitools.project.cache import unpack

    kept = store.thing(_key(policy))
    if kept is None:
        return {}
    try:
        return {
            (path, rule, subject, title): why
            for path, rule, subject, title, why, hash_ in unpack(kept)
            if hash_of(path) == hash_
        }
    except (ValueError, TypeError):
        # The checksum is right, but this version did not write it.
        return {}


def _key(policy: Policy) -> bytes:
    from wikitools.project.cache import digest

    return digest(_KIND.encode(), repr(replace(policy, paths=None)).encode("utf-8", "surrogatepass"))
