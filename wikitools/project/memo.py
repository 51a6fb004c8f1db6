"""Records which questions an answer asked while it was computed, so that nobody has to list its dependencies."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from wikitools.lint.run import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAGE = "page"
"""The content of a page."""
ANCHORS = "anchors"
"""What links can name on a page."""
LINKS_TO = "links to"
"""Which links lead to a file."""
REDIRECTS = "redirects"
"""Which pages are redirects."""
NAMES = "names"
"""What a name means, or all names, in a table made from files and from the names that pages give themselves."""
FILES = "files"
"""Which files there are that bear one of the words by which files are looked for (`wiki/file_words.py`)."""
NEAR = "near"
"""Which names of files come near to a name."""
SOURCES = "sources"
"""What was asked of the sources of all pages, as a number (`sources/questions.py`)."""
ALL = ""
"""Means all names of a table; no page has this name."""


class Question(NamedTuple):
    """Something that an answer depends on: its kind, and the path or name that it is about."""

    kind: str
    about: str
    table: str = ""
    """For names: the table that was asked."""


class Notes:
    """Records the questions that are asked while somebody listens."""

    def __init__(self) -> None:
        self._asked: set[Question] | None = None

    @property
    def is_heard(self) -> bool:
        """Whether somebody listens."""
        return self._asked is not None

    def note(self, question: Question) -> None:
        """Record a question."""
        if self._asked is not None:
            self._asked.add(question)

    def note_all(self, questions: Iterable[Question]) -> None:
        """Record the questions of an answer that is given again."""
        if self._asked is not None:
            self._asked.update(questions)

    @contextmanager
    def listening(self) -> Iterator[set[Question]]:
        """Yield the set of questions that are asked meanwhile; outer listeners get them too."""
        outside, own = self._asked, set[Question]()
        self._asked = own
        try:
            yield own
        finally:
            self._asked = outside
            self.note_all(own)

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Record nothing meanwhile, because one question that covers everything was recorded."""
        outside, self._asked = self._asked, None
        try:
            yield
        finally:
            self._asked = outside


WHERE_LINKS_LEAD = "where links lead"
"""The answer for a page about its links that depend on other pages."""
WHAT_WAITED = "what waited"
"""The answer for a page about what rules could not decide from the page alone."""
RULE = "rule"
"""The answer about something that is not on a page."""


class Answer(NamedTuple):
    """Something that was computed and asked questions: its kind, and what it is about."""

    kind: str
    about: str | Asked


_LISTED = (NEAR,)
"""The kinds of which all questions are listed."""


class Memo:
    """Which answers asked which questions: if the answer to a question changes, so may they."""

    def __init__(self) -> None:
        self._asked: dict[Answer, tuple[Question, ...]] = {}
        self._askers: dict[Question, tuple[Question, set[Answer]]] = {}
        self._kinds: dict[str, dict[Question, None]] = {kind: {} for kind in _LISTED}
        """The questions that somebody asked, by kind."""

    def keep(self, answer: Answer, asked: Iterable[Question]) -> None:
        """Store the questions of an answer, replacing those it asked before."""
        self.drop(answer)
        own = []
        for question in asked:
            # Share one object among equal questions.
            known, askers = self._askers.setdefault(question, (question, set()))
            askers.add(answer)
            if question.kind in self._kinds:
                self._kinds[question.kind][known] = None
            own.append(known)
        if own:
            self._asked[answer] = tuple(own)

    def has_asked(self, answer: Answer) -> bool:
        """Say whether an answer asked anything."""
        return answer in self._asked

    def drop(self, answer: Answer) -> None:
        """Forget an answer."""
        for question in self._asked.pop(answer, ()):
            askers = self._askers[question][1]
            askers.discard(answer)
            if not askers:
                del self._askers[question]
                if question.kind in self._kinds:
                    del self._kinds[question.kind][question]

    def pages(self, kind: str, changed: Iterable[Question]) -> set[str]:
        """Return the pages whose answers of one kind asked any of these questions."""
        return {each.about for each in self._depending(changed) if each.kind == kind and isinstance(each.about, str)}

    def looks(self, changed: Iterable[Question]) -> list[Asked]:
        """Return the answers about things that are not on a page and asked any of these questions, in order."""
        return sorted(each.about for each in self._depending(changed) if isinstance(each.about, Asked))

    def questions(self, kind: str) -> list[Question]:
        """Return all questions of a kind, one of `_LISTED`, that some answer asked."""
        return list(self._kinds[kind])

    def _depending(self, changed: Iterable[Question]) -> Iterator[Answer]:
        for question in changed:
            if question in self._askers:
                yield from self._askers[question][1]
