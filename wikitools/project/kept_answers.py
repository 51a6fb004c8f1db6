"""What is kept of late looks: those at pages beside others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wikitools.project.cache_keys import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.project.cache import Store
    from wikitools.project.reading import Seen


class Late:
    """What was found, in runs before, by looking at pages beside others; and what that depended on.

    That is the page, the list of files and the names of all pages, what there is outside of the wiki, and the content
    of the pages that its links lead to. What depends on more is not kept.
    """

    def __init__(self, store: Store, link_way: bytes, names: bytes) -> None:
        from wikitools.project.cache import digest

        self._store = store
        self._names = names
        self._look_way, self._settled_way = digest(b"late", link_way), digest(b"settled", link_way)
        self._looks, self._settled = store.results(self._look_way), store.results(self._settled_way)
        self._new_looks: dict[str, tuple[bytes, bytes]] = {}
        self._new_settled: dict[str, tuple[bytes, bytes]] = {}

    def settled(self, path: str, hash_: bytes) -> Any:
        """Return where the links of a page lead that it could not tell alone; `None` when that is not known."""
        from wikitools.project.cache import unpack

        known, data = self._settled.get(path, NOTHING)
        if not hash_ or known != hash_:
            return None
        names, found = unpack(data)
        return found if names == self._names else None

    def keep_settled(self, path: str, hash_: bytes, found: Any) -> None:
        """Keep it."""
        from wikitools.project.cache import pack

        if hash_:
            self._new_settled[path] = hash_, pack((self._names, found))

    def look(self, path: str, seen: Mapping[str, Seen], waiting: Any, left_out: bytes) -> Any:
        """Return what was found on a page where the same waited; `None` when anything may be otherwise by now."""
        from wikitools.project.cache import pack, unpack

        known, data = self._looks.get(path, NOTHING)
        if not seen[path].hash or known != seen[path].hash:
            return None
        names, waited, around, targets, found = unpack(data)
        if names != self._names or waited != pack(waiting) or around != left_out:
            return None
        if any(each not in seen or seen[each].hash != hash_ for each, hash_ in targets):
            return None
        return found

    def keep_look(
        self, path: str, seen: Mapping[str, Seen], waiting: Any, left_out: bytes, *, targets: Sequence[str], found: Any
    ) -> None:
        """Keep it, with the pages in `targets`, whose content it depends on."""
        from wikitools.project.cache import pack

        hashes = [(each, seen[each].hash) for each in targets]
        if seen[path].hash and all(hash_ for _path, hash_ in hashes):
            data = pack((self._names, pack(waiting), left_out, hashes, found))
            self._new_looks[path] = seen[path].hash, data

    def remember(self) -> None:
        """Write what is new to the cache."""
        if self._new_looks:
            self._store.put_results(self._look_way, self._new_looks)
        if self._new_settled:
            self._store.put_results(self._settled_way, self._new_settled)
