"""Answers about pages from earlier runs, each with the questions that it asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from wikitools.project import memo
from wikitools.project.memo import Question
from wikitools.wiki.engines import ENGINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wikitools.project.backlinks import Backlinks
    from wikitools.project.cache import Store
    from wikitools.project.seen import Seen
    from wikitools.wiki.engines import Engine

NOTHING = b"-", b""
"""The value for a result that is not stored: no hash, and no data."""


class Fingerprints:
    """The fingerprint of the answer to each question, for the pages as they are now."""

    def __init__(
        self, seen: Mapping[str, Seen], *, engine: str, senders: Sequence[str], backlinks: Backlinks | None
    ) -> None:
        self.seen = seen
        self._engine = engine
        self._senders = senders
        self._backlinks = backlinks
        """`None` if the links of the pages were not followed."""

    @cached_property
    def _names(self) -> bytes:
        return names_key(self.seen, ENGINES[self._engine])

    def of_all(self, asked: Iterable[tuple[str, str, str]]) -> tuple[bytes, ...] | None:
        """Return a fingerprint of the answer to each question, given as its values; `None` if one of them has none."""
        answers = tuple([self._of(kind, about) for kind, about, _table in asked])
        return answers if all(answers) else None

    def _of(self, kind: str, about: str) -> bytes:
        from wikitools.project.cache import digest

        if kind in _ABOUT_A_PAGE:
            page = self.seen.get(about)
            return b"-" if page is None else page.hash
        if kind == memo.NAMES:
            return self._names
        if kind in _ABOUT_FILES:
            # What is kept is kept for these very files and sources.
            return b"+"
        if kind == memo.REDIRECTS:
            paths: Iterable[str] = self._senders
        elif self._backlinks is None:
            return b""
        else:
            paths = sorted(self._backlinks.linkers_of(about))
        parts = [each for path in paths for each in (path.encode("utf-8", "surrogatepass"), self.seen[path].hash)]
        return digest(*parts) if all(parts) else b""


_ABOUT_A_PAGE = frozenset({memo.PAGE, memo.ANCHORS})
_ABOUT_FILES = frozenset({memo.FILES, memo.NEAR, memo.SOURCES})


def names_key(seen: Mapping[str, Seen], engine: Engine) -> bytes:
    """Return the key of all names of pages besides their paths: titles, aliases, and the like."""
    from wikitools.project.cache import digest, pack

    tell = engine.told
    told = {} if tell is None else {path: each.head.told_by(tell) for path, each in seen.items()}
    return digest(pack([(path, each.head.title, each.head.aliases, told.get(path)) for path, each in seen.items()]))


Wanted = TypeVar("Wanted")
Found = TypeVar("Found")


class Kept(NamedTuple, Generic[Wanted, Found]):
    """A stored answer: what was wanted, the questions that it asked, fingerprints of their answers, and the result."""

    wanted: Wanted
    around: bytes
    """The key of everything that is not asked page by page: sources, and files outside of the wiki."""
    asked: tuple[Question, ...]
    answers: tuple[bytes, ...]
    """A fingerprint for each question."""
    found: Found


_HELD = 8_000_000
"""With so many bytes, new answers are written to the cache while others are still being found."""


class KeptAnswers(Generic[Wanted, Found]):
    """Answers of one kind, one per page; each is valid as long as the questions that it asked have the same answers.

    What was wanted and what was found are plain data: tuples, numbers, strings and bytes.
    """

    def __init__(
        self,
        store: Store,
        key: bytes,
        fingerprints: Fingerprints,
        paths: Sequence[str] | None = None,
        *,
        writes: bool = True,
    ) -> None:
        self._store = store
        self._key = key
        self._fingerprints = fingerprints
        self._known = store.results(key, paths)
        self._new: dict[str, tuple[bytes, bytes]] = {}
        self._size = 0
        self._writes = writes

    def holding(self, path: str, wanted: Wanted, *, around: bytes) -> Kept[Wanted, Found] | None:
        """Return the answer about a page if the same was wanted; `None` if it may have changed."""
        from wikitools.project.cache import unpack

        hash_, data = self._known.get(path, NOTHING)
        now = self._fingerprints.seen[path].hash
        if not now or hash_ != now:
            return None
        was_wanted, was_around, asked, answers, found = unpack(data)
        if was_around != around or was_wanted != wanted or self._fingerprints.of_all(asked) != answers:
            return None
        return Kept(was_wanted, was_around, tuple(map(Question._make, asked)), answers, found)

    def keep(self, path: str, kept: Kept[Wanted, Found]) -> None:
        """Store an answer, if the answers to all its questions have fingerprints."""
        from wikitools.project.cache import pack

        answers = kept.answers or self._fingerprints.of_all(kept.asked)
        hash_ = self._fingerprints.seen[path].hash
        if not self._writes or not hash_ or answers is None:
            return
        data = pack(kept._replace(answers=answers))
        self._new[path] = hash_, data
        self._size += len(data)
        if self._size > _HELD:
            self.remember()

    def remember(self) -> None:
        """Write new answers to the cache."""
        if self._new:
            self._store.put_results(self._key, self._new)
            self._new = {}
            self._size = 0
