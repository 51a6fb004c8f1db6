"""Files that exist without being part of the wiki, looked up by the names in links."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property, partial
from typing import TYPE_CHECKING

from wikitools.wiki.engines.engine import spellings
from wikitools.wiki.lazy_pages import UnknownError
from wikitools.wiki.names_index import Lookup, fold
from wikitools.wiki.paths import folder_of, join_anywhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def _is_hidden(folder: str) -> bool:
    return any(step.startswith(".") and step.strip(".") for step in folder.split("/"))


class WhyLeftOut(StrEnum):
    """Why an existing file is not part of the wiki."""

    IGNORED = "ignored"
    """Git ignores it, so nobody else has it."""
    UNTRACKED = "untracked"
    """Git does not track it, so nobody else has it yet; only used if git says which files make up the wiki."""
    UNREAD = "unread"
    """Hidden, or excluded by the configuration: not a page to check, but every reader has it."""


class LeftOut:
    """Files that exist and are not part of the wiki. A link to one of them is not simply dead.

    Unless they are `known`, every question raises `UnknownError`.
    """

    def __init__(
        self,
        files: Mapping[str, WhyLeftOut] | Callable[[], Mapping[str, WhyLeftOut]] | None = None,
        *,
        known: bool = True,
    ) -> None:
        """Take the files, or a function that finds them when they are needed, because that goes through all pages."""
        self._known = known
        self._files = files or {}

    @cached_property
    def _why(self) -> Mapping[str, WhyLeftOut]:
        return self._files() if callable(self._files) else self._files

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(sorted(self._why), fold)

    def __reduce__(self) -> tuple[partial[LeftOut], tuple[dict[str, WhyLeftOut]]]:
        # The files are pickled, not the function that finds them.
        return partial(LeftOut, known=self._known), (dict(self._why),)

    def by_path(self, path: str, page: str) -> WhyLeftOut | None:
        """Return why the file or folder that a Markdown link on `page` leads to is left out.

        `None` if there is none.
        """
        self._ask()
        if not self._why:
            return None
        at = join_anywhere(folder_of(page), path) if path.strip("/") else ""
        return None if not at else self._at((at, at + ".md"), (at,))

    def by_name(self, target: str, page: str) -> WhyLeftOut | None:
        """Return the same for a wikilink's target: a path from the page or the root, or the end of one.

        The end of a path does not match in hidden folders, which no engine searches; the link must name them.
        """
        self._ask()
        if not self._why or not target:
            return None
        names = spellings(target.lstrip("/"))
        exact = self._at((*(join_anywhere(folder_of(page), name) for name in names), *names), ())
        if exact is not None:
            return exact
        ending = ((path, path[: len(path) - len(name)]) for name in names for path in self._lookup.ending(name))
        return next((self._why[path] for path, above in ending if not _is_hidden(above)), None)

    def with_files(self, files: Mapping[str, WhyLeftOut]) -> LeftOut:
        """Return these files in addition to the known ones, whose reasons stay."""
        return LeftOut(lambda: {**files, **self._why}, known=self._known) if files else self

    def _ask(self) -> None:
        if not self._known:
            raise UnknownError("files outside of the wiki")

    def _at(self, paths: Iterable[str], folders: Iterable[str]) -> WhyLeftOut | None:
        for path in paths:
            for found in self._lookup.exact(path):
                return self._why[found]
        for path in folders:
            inside = self._lookup.folder(path)
            if inside is not None:
                # A folder is left out for the mildest reason among its files.
                whys = {why for file, why in self._why.items() if file.startswith(inside)}
                return next(why for why in (WhyLeftOut.UNREAD, WhyLeftOut.UNTRACKED, WhyLeftOut.IGNORED) if why in whys)
        return None
