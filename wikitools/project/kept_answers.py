"""Answers of the second pass from earlier runs, each with the questions that it asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wikitools.project import memo
from wikitools.project.cache_keys import NOTHING
from wikitools.project.memo import Question
from wikitools.project.second_pass_work import Finished, Settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wikitools.lint.page_run import Waiting
    from wikitools.project.backlinks import Backlinks
    from wikitools.project.cache import Store
    from wikitools.project.seen import Packed, Seen


class _Kept(NamedTuple):
    """A stored answer: what was wanted, the questions that it asked, fingerprints of their answers, and the result."""

    wanted: Packed
    around: bytes
    asked: tuple[Question, ...]
    answers: tuple[bytes, ...]
    """A fingerprint for each question."""
    found: Packed


class KeptAnswers:
    """Answers from earlier runs; each is valid as long as the questions that it asked have the same answers."""

    def __init__(
        self,
        store: Store,
        links_key: bytes,
        *,
        names: bytes,
        seen: Mapping[str, Seen],
        backlinks: Backlinks,
        senders: Sequence[str],
    ) -> None:
        from wikitools.project.cache import digest

        self._store = store
        self._names = names
        self._around = b""
        """The key of everything that is not asked page by page: sources, and files outside of the wiki."""
        self._seen = seen
        self._backlinks = backlinks
        self._senders = senders
        self._look_key, self._settled_key = digest(b"late", links_key), digest(b"settled", links_key)
        self._looks, self._settled = store.results(self._look_key), store.results(self._settled_key)
        self._new_looks: dict[str, tuple[bytes, bytes]] = {}
        self._new_settled: dict[str, tuple[bytes, bytes]] = {}

    def set_around(self, around: bytes) -> None:
        """Set the key of sources and of files outside of the wiki, now that these are known."""
        self._around = around

    def settled(self, path: str) -> Settled | None:
        """Return where those links of a page lead that depend on other pages; `None` if that is unknown."""
        kept = self._holding(self._settled, path, (), around=b"")
        return None if kept is None else Settled(kept.found[0], kept.found[1], kept.asked)

    def keep_settled(self, path: str, settled: Settled) -> None:
        """Store where the links of a page lead."""
        found = settled.targets, settled.elsewhere
        self._keep(self._new_settled, path, _Kept((), b"", settled.asked, (), found))

    def finished(self, path: str, waiting: Sequence[Waiting]) -> Finished | None:
        """Return what was found on a page with the same deferred elements; `None` if it may have changed."""
        kept = self._holding(self._looks, path, waiting, around=self._around)
        return None if kept is None else Finished(kept.found, asked=kept.asked)

    def keep_finished(self, path: str, waiting: Sequence[Waiting], finished: Finished) -> None:
        """Store what was found on a page."""
        if not finished.failures:
            kept = _Kept(tuple(waiting), self._around, finished.asked, (), finished.look)
            self._keep(self._new_looks, path, kept)

    def _holding(
        self, kept: Mapping[str, tuple[bytes, bytes]], path: str, wanted: Packed, *, around: bytes
    ) -> _Kept | None:
        from wikitools.project.cache import unpack

        hash_, data = kept.get(path, NOTHING)
        if not self._seen[path].hash or hash_ != self._seen[path].hash:
            return None
        found = _Kept(*unpack(data))
        if found.around != around or found.wanted != tuple(map(tuple, wanted)):
            return None
        asked = tuple(Question(*each) for each in found.asked)
        answers = self._answers(asked)
        return found._replace(asked=asked) if answers == found.answers else None

    def _keep(self, into: dict[str, tuple[bytes, bytes]], path: str, kept: _Kept) -> None:
        from wikitools.project.cache import pack

        answers = self._answers(kept.asked)
        if self._seen[path].hash and answers is not None:
            into[path] = self._seen[path].hash, pack(kept._replace(answers=answers))

    def _answers(self, asked: Iterable[Question]) -> tuple[bytes, ...] | None:
        """Return a fingerprint of the answer to each question; `None` if one of them has none."""
        answers = tuple(map(self._answer, asked))
        return answers if all(answers) else None

    def _answer(self, question: Question) -> bytes:
        from wikitools.project.cache import digest

        match question.kind:
            case memo.NAMES:
                return self._names
            case memo.REDIRECTS:
                paths: Iterable[str] = self._senders
            case memo.LINKS_TO:
                paths = sorted(self._backlinks.linkers_of(question.about))
            case _:
                return self._seen[question.about].hash if question.about in self._seen else b"-"
        parts = [each for path in paths for each in (path.encode("utf-8", "surrogatepass"), self._seen[path].hash)]
        return digest(*parts) if all(parts) else b""

    def remember(self) -> None:
        """Write new answers to the cache."""
        if self._new_looks:
            self._store.put_results(self._look_key, self._new_looks)
        if self._new_settled:
            self._store.put_results(self._settled_key, self._new_settled)
