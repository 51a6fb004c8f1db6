"""The wikis that are open, and which of them a document belongs to."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from wikitools import files
from wikitools.config import ConfigError
from wikitools.lint.policy import UnknownRuleError
from wikitools.lsp.documents import path_of
from wikitools.lsp.open_wiki import OpenWiki
from wikitools.project import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from wikitools.config import Settings
    from wikitools.lint.facts import Facts
    from wikitools.project.workers import Progress
    from wikitools.report.wanted import Wanted
    from wikitools.web.unlisted_works import Looked

    LookUp = Callable[[Settings, Facts, Sequence[Wanted]], Callable[[], Looked]]
    """Returns what asks services about works; that is called in another thread."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    config: tuple[str, ...] = ()
    isolated: bool = False
    follow_links: bool = False
    jobs: int | None = None
    cache: bool = True
    cache_dir: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    navigation: bool = True
    """Whether links are completed and followed; another server may do that."""
    look_up: LookUp | None = None
    """What asks services on the web about works, for the command that the user may run."""


class Home(NamedTuple):
    """Where a document belongs: its wiki and its path in it."""

    wiki: OpenWiki
    path: str

    @property
    def is_page(self) -> bool:
        """Whether it is a page, not a bibliography."""
        return self.path.lower().endswith(files.PAGE_SUFFIXES)


class Homes:
    """All open wikis. Only the checking thread calls its methods; `tell` shows a message to the user."""

    def __init__(self, options: Options, tell: Callable[[str], None], progress: Progress) -> None:
        self.folders: list[str] = []
        """The folders that the editor has open, by their absolute paths."""
        self._options, self._tell, self._progress = options, tell, progress
        self._wikis: dict[str, OpenWiki] = {}
        self._homes: dict[str, Home | None] = {}
        """Where each document belongs; `None` for nowhere."""
        self._broken: set[str] = set()
        """Folders with a wiki that cannot be opened."""

    def __iter__(self) -> Iterator[OpenWiki]:
        """Yield the wikis."""
        return iter(tuple(self._wikis.values()))

    @property
    def ready(self) -> list[OpenWiki]:
        """The wikis that have been checked."""
        return [wiki for wiki in self if wiki.is_ready]

    def of(self, uri: str, opened: Collection[str]) -> Home | None:
        """Return where a document belongs; `None` for nowhere. That of a closed document is remembered."""
        if uri not in self._homes:
            path = path_of(uri)
            self._homes[uri] = None if path is None or uri not in opened else self._find(path)
        return self._homes[uri]

    def pages_of(self, wiki: OpenWiki, opened: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield address and path of each open page of a wiki."""
        for uri in opened:
            home = self.of(uri, opened)
            if home is not None and home.wiki is wiki and home.is_page:
                yield uri, home.path

    def leave(self, uri: str) -> None:
        """Forget where a document belongs."""
        self._homes.pop(uri, None)

    def forget(self) -> None:
        """Close all wikis, because their settings may have changed."""
        for wiki in self:
            wiki.close()
        self._wikis.clear()
        self._homes.clear()
        self._broken.clear()

    def give_up(self, root: str, error: Exception) -> None:
        """Say why a wiki cannot be checked, and leave it alone until its configuration changes."""
        self._tell(f"{root}: {error}")
        self._broken.add(root)
        wiki = self._wikis.pop(root, None)
        if wiki is not None:
            wiki.close()
        self._homes = {uri: home for uri, home in self._homes.items() if home is None or home.wiki is not wiki}

    def _find(self, path: str) -> Home | None:
        """Return the wiki that a file belongs to: that of the nearest configuration, or else of the editor's folder."""
        folder = next((each for each in self.folders if path.startswith(each.rstrip(os.sep) + os.sep)), None)
        above = os.path.dirname(path)
        if not os.path.isdir(above) or not path.lower().endswith(_SUFFIXES):
            return None
        root = folder or above
        try:
            settings = self._settings_for(above)
            if settings.config is None:
                if folder is None:
                    return None
                settings = self._settings_for(folder)
            root = os.fspath(settings.root)
            if root not in self._wikis and root not in self._broken:
                self._wikis[root] = self._open(settings)
        except (files.FileError, ConfigError, UnknownRuleError) as error:
            self.give_up(root, error)
            return None
        wiki = self._wikis.get(root)
        inside = None if wiki is None else wiki.inside(path)
        return Home(wiki, inside) if wiki is not None and inside is not None else None

    def _settings_for(self, folder: str) -> Settings:
        options = self._options
        return prepare.find_settings(
            (folder,),
            config=options.config,
            isolated=options.isolated,
            follow_links=options.follow_links,
            options=options.settings,
        )

    def _open(self, settings: Settings) -> OpenWiki:
        options = self._options
        store = None
        if options.cache:
            store = prepare.open_cache(settings, options.cache_dir, note=logger.info, warn=self._tell)
        return OpenWiki(settings, store, say=self._tell, progress=self._progress, jobs=options.jobs)


_SUFFIXES = (*files.PAGE_SUFFIXES, *files.BIBLIOGRAPHY_SUFFIXES)
