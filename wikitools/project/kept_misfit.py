"""Which engine would suit the wiki better, from an earlier run if what that depends on is the same."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from wikitools.wiki.engine_fit import Misfit, find_misfit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wikitools.project.cache import Store
    from wikitools.project.kept_answers import Fingerprints
    from wikitools.wiki.engine_counts import Tally
    from wikitools.wiki.wiki import Wiki

_KEPT = 20
"""How many answers are stored in the cache."""


def misfit_of_run(
    wiki: Wiki,
    tallies: Mapping[str, Tally] | None,
    kinds: Collection[str],
    *,
    store: Store | None,
    run_key: bytes | None,
    files_key: bytes,
    fingerprints: Fingerprints,
) -> Misfit | None:
    """Return which engine would suit these kinds of links better, if any.

    The answer is kept for this very run, and for runs with the same files, names, numbers of links and, of the pages
    from which links were tried, the same content: most changes to a page leave all of that as it was.
    """
    from wikitools.project.cache import digest, pack, unpack

    if store is None:
        return find_misfit(wiki, tallies, kinds)
    asked = ", ".join(sorted(kinds)).encode()
    of_run = None if run_key is None else digest(run_key, b"misfit", asked)
    of_links = None if tallies is None else digest(files_key, b"misfit", asked, pack(_names_and(tallies, fingerprints)))
    for key in (of_run, of_links):
        told = None if key is None else store.thing(key)
        if told is not None:
            try:
                pages, found = unpack(told)
                if all(_hash_of(path, fingerprints) == hash_ for path, hash_ in pages):
                    return Misfit(*found) if found else None
            except (ValueError, TypeError):
                # The checksum is right, but this version did not write it.
                pass
    tried: set[str] = set()
    misfit = find_misfit(wiki, tallies, kinds, tried=tried)
    found = () if misfit is None else tuple(getattr(misfit, each.name) for each in fields(Misfit))
    pages = [(path, _hash_of(path, fingerprints)) for path in sorted(tried)]
    for key, needed in ((of_run, []), (of_links, pages)):
        # A page that could not be read, or is not saved, has no hash.
        if key is not None and all(hash_ for _path, hash_ in needed):
            store.put_thing(key, "misfit", pack((needed, found)), kept=_KEPT)
    return misfit


def _hash_of(path: str, fingerprints: Fingerprints) -> bytes:
    return fingerprints.seen[path].hash if path in fingerprints.seen else b""


def _names_and(tallies: Mapping[str, Tally], fingerprints: Fingerprints) -> list[tuple[object, ...]]:
    """Return what pages say of themselves, and how many links they have."""
    heads = ((path, fingerprints.seen[path].head, tally) for path, tally in tallies.items())
    return [(path, head.title, head.aliases, head.told, tally) for path, head, tally in heads]
