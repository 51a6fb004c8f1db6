"""wikitools from Python: open a wiki, look at its pages, links, citations and sources, check it and repair it.

    import wikitools.api

    wiki = wikitools.api.open("docs")
    for finding in wiki.lint():
        print(finding.path, finding.line, finding.message)

The names in `__all__`, with the attributes that docs/api.md describes, are stable as docs/stability.md says. All errors
are a `WikiError` with one line for the user. Nothing here uses the network.
"""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar, overload

from wikitools.cite.citation import Citation, Cited
from wikitools.lint.rule import Severity
from wikitools.lint.run import Diagnostic, Outcome, Skipped
from wikitools.markdown.page import Heading, MarkdownLink, Wikilink
from wikitools.project import prepare
from wikitools.records import dataclass
from wikitools.sources.names import Name
from wikitools.sources.source import Source
from wikitools.text import Edit, Fix, Span
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Resolution

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from wikitools import files
    from wikitools.config import Settings
    from wikitools.lint.policy import Policy
    from wikitools.markdown.page import Field
    from wikitools.markdown.page import Page as ParsedPage
    from wikitools.project.cache import Store
    from wikitools.project.job import Checked, Wanted
    from wikitools.project.loading import Workspace
    from wikitools.project.workers import Progress

__all__ = [
    "Ambiguous",
    "Citation",
    "Cited",
    "Diagnostic",
    "Edit",
    "Findings",
    "Fix",
    "Fixed",
    "Found",
    "Heading",
    "Link",
    "Missing",
    "Name",
    "Page",
    "Resolution",
    "Severity",
    "Skipped",
    "Source",
    "Span",
    "Wiki",
    "WikiError",
    "open",
]

Answer = TypeVar("Answer")


class WikiError(Exception):
    """A wiki cannot be opened, checked or written; the message is one line for the user, and the hint may be ""."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def open(
    path: str | os.PathLike[str] = ".",
    *,
    settings: Mapping[str, object] | None = None,
    config: str | os.PathLike[str] | None = None,
    isolated: bool = False,
    index: Literal["auto", "disk", "git", "staged"] = "disk",
    cache: bool = True,
    cache_dir: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
) -> Wiki:
    """Open the wiki at `path`, a folder or a file in it, with the settings that the command line would find there.

    `settings` are values by the keys of the configuration file, which they override; `config` names another file; with
    `isolated`, files and environment variables are ignored. `index` says which files are meant: those on the "disk",
    those that "git" tracks, or what is "staged". With `cache`, unchanged pages are not read again. Raises `WikiError`.
    Pages are read when they are needed.
    """
    with _told():
        named = () if config is None else (os.fspath(config),)
        found = prepare.find_settings((os.fspath(path),), config=named, isolated=isolated, options=settings)
        snapshot = prepare.find_snapshot(found, "auto" if index == "staged" else index, staged=index == "staged")
        warnings = list(found.warnings)
        place = None if cache_dir is None else os.fspath(cache_dir)
        store = prepare.open_cache(found, place, note=warnings.append, warn=warnings.append) if cache else None
        wiki = Wiki(found, snapshot=snapshot, store=store, jobs=jobs, warnings=warnings)
        if store is not None:
            # Forgetting to close it costs only time.
            wiki._closing = weakref.finalize(wiki, store.close)
        _ = wiki.workspace
    return wiki


class Wiki:
    """A wiki that was opened. Use it in a `with` statement, or `close` it, to free the cache at once."""

    def __init__(
        self,
        settings: Settings,
        *,
        snapshot: files.Snapshot | None = None,
        store: Store | None = None,
        jobs: int | None = None,
        progress: Progress | None = None,
        warnings: Iterable[str] = (),
    ) -> None:
        self.settings = settings
        self._snapshot = snapshot
        self._store = store
        self._jobs = jobs
        self._progress = progress
        self._warnings = warnings
        self._workspace: Workspace | None = None
        self._closing: Callable[[], object] | None = None

    def __enter__(self) -> Wiki:
        """Return the wiki."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the wiki."""
        self.close()

    def close(self) -> None:
        """Free the cache; the wiki still answers with what it has read."""
        if self._closing is not None:
            self._closing()

    def reload(self) -> None:
        """Read the files again when they are next needed, because pages may have changed."""
        self._workspace = None

    # Its contents

    @property
    def root(self) -> Path:
        """The folder of the wiki."""
        return self.settings.root

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about what was ignored: settings without effect, files that cannot be read, an unusable cache."""
        return (*self._warnings, *(f"{why}; not used" for why in self.workspace.inventory.unread))

    @property
    def pages(self) -> tuple[str, ...]:
        """The paths of all pages from the root, sorted."""
        return self.workspace.inventory.pages

    @property
    def bibliographies(self) -> tuple[str, ...]:
        """The paths of the bibliography files that all pages share, sorted."""
        return self.workspace.inventory.bibliographies

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources that pages share: entries of the bibliographies, and source notes."""
        with _told():
            return self.workspace.facts.bibliography.sources

    def page(self, path: str) -> Page:
        """Return the page at `path`, which is relative to the root. Raises `WikiError` if there is none."""
        if path not in self.workspace.inventory.pages:
            raise WikiError(f"{path}: no page of the wiki {self.root}")
        return Page(path, self)

    # Checks and repairs

    def lint(
        self,
        paths: Iterable[str] | None = None,
        *,
        select: Iterable[str] | None = None,
        ignore: Iterable[str] | None = None,
    ) -> Findings:
        """Return what the rules find on `paths` (pages, bibliographies or folders, from the root), or everywhere.

        `select` and `ignore` name rules and groups instead of those in the settings. The whole wiki is read, whatever
        is reported on. Raises `WikiError`, also for a bug in a rule, because the other findings are not reliable then.
        """
        with _told():
            policy = self._policy(select, ignore)
            checked = self.check(policy, asked=lambda inventory, others: _chosen(paths, (*inventory.pages, *others)))
        if checked.outcome.failures:
            bug = checked.outcome.failures[0]
            raise WikiError(f"{bug.path}: the rule {bug.rule} failed: {bug.error}", "this is a bug in wikitools")
        return Findings(checked.outcome)

    def fix(
        self,
        paths: Iterable[str] | None = None,
        *,
        select: Iterable[str] | None = None,
        ignore: Iterable[str] | None = None,
        unsafe: bool = False,
        dry_run: bool = False,
    ) -> Fixed:
        """Repair what `lint` would report, safe repairs only unless `unsafe`; with `dry_run` write nothing.

        Blocks of sources are among the repairs (`select=["stale-sources"]` repairs nothing else). Every change is
        proven before it is written. Raises `WikiError` if another engine would explain most dead links, because repairs
        would be guesses.
        """
        from wikitools.lint.fix.fixing import find_better_engine, fix
        from wikitools.project.write_pages import write_fixes
        from wikitools.report import engine_hint

        if self._snapshot is not None and not dry_run:
            raise WikiError("git's state of a wiki cannot be written", 'open it with index="disk"')
        with _told():
            workspace = self.workspace
            policy = self._policy(select, ignore)
            inventory, others = workspace.inventory, workspace.facts.texts
            policy = replace(policy, paths=_chosen(paths, (*inventory.pages, *inventory.bibliographies, *others)))
            workspace = prepare.look_around(workspace, policy)
            if misfit := find_better_engine(workspace.facts, policy):
                hint = 'or leave links alone: ignore=["links", "anchors"]'
                raise WikiError(f"nothing was repaired: {engine_hint.render(misfit).strip()}", hint)
            made = fix(workspace.facts, policy, rebuild=workspace.rebuild, unsafe=unsafe)
            texts = dict(made.texts)
            not_written: dict[str, str] = dict(made.failed)
            if not dry_run:
                not_written.update(write_fixes(workspace, texts, policy, unsafe=unsafe))
                self.reload()
        lost = not_written.keys()
        return Fixed(
            {path: text for path, text in texts.items() if path not in lost},
            tuple(each for each in made.fixed if each.path not in lost),
            Findings(made.remaining),
            not_written,
        )

    def render_block(self, path: str) -> str:
        """Return the "Sources cited" block of a page as it should be, markers included, whether or not it has one."""
        from wikitools.block.block import find_block, render_block

        self.page(path)
        with _told():
            facts = self.workspace.with_references([path]).facts
            page = facts.wiki.pages[path]
            return render_block(page, facts.cited.get(path, ()), facts.style, block=find_block(page, facts.style))

    # For the command line; may change at any time

    @property
    def workspace(self) -> Workspace:
        """The wiki, whose pages and citations are read when they are needed."""
        from wikitools.project import checking

        if self._workspace is None:
            self._workspace = checking.open_workspace(
                self.settings, jobs=self._jobs, progress=self._progress, snapshot=self._snapshot, store=self._store
            )
        return self._workspace

    def check(self, policy: Policy, *, asked: Wanted, executor: Executor | None = None) -> Checked:
        """Return what the rules of `policy` find; raises what `checking.check` raises."""
        from wikitools.project import checking

        if checking.is_able(self.settings):
            return checking.check(
                self.settings,
                policy,
                asked=asked,
                jobs=self._jobs,
                progress=self._progress,
                store=self._store,
                executor=executor,
                snapshot=self._snapshot,
            )
        from wikitools.lint.run import lint
        from wikitools.project.job import Checked
        from wikitools.wiki.engine_fit import find_misfit

        workspace = prepare.look_around(self.workspace, policy)
        chosen = asked(workspace.inventory, workspace.facts.texts)
        outcome = lint(workspace.facts, replace(policy, paths=chosen))
        wiki = workspace.facts.wiki
        return Checked(workspace, outcome, chosen, lambda kinds: find_misfit(wiki, kinds=tuple(kinds)))

    def _policy(self, select: Iterable[str] | None, ignore: Iterable[str] | None) -> Policy:
        policy = prepare.policy_of(self.settings)
        if select is not None:
            policy = replace(policy, select=tuple(select), extend_select=())
        return policy if ignore is None else replace(policy, ignore=tuple(ignore))


@dataclass(frozen=True, slots=True)
class Link:
    """A link on a page, and where it leads under the wiki's engine."""

    kind: Literal["wikilink", "markdown", "web"]
    span: Span
    written: str
    """The link as its author wrote it."""
    target: str
    """The name, path or address in it."""
    image: bool
    """Whether it embeds what it leads to, or shows it as an image."""
    resolution: Resolution[str] | None
    """The page or file that it leads to, or why it leads nowhere; `None` for a link to the web."""

    @property
    def path(self) -> str | None:
        """The path of the page or file that the engine opens; `None` if the link leads nowhere, or to the web."""
        match self.resolution:
            case Found(target=target):
                return target
            case Ambiguous(candidates=(first, *_others)):
                return first
        return None


class Page:
    """A page of a wiki that was opened."""

    def __init__(self, path: str, wiki: Wiki) -> None:
        self.path = path
        self._wiki = wiki

    def __repr__(self) -> str:
        """Return the expression for the page."""
        return f"<page {self.path}>"

    @property
    def text(self) -> str:
        """The text as it is on disk, byte order mark and line ends included; offsets count its characters."""
        return self._parsed.text

    @property
    def title(self) -> str:
        """The title: that of the front matter, else the first heading, else the file's name."""
        return self._parsed.title

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings, in order."""
        return tuple(self._parsed.headings)

    @property
    def front_matter(self) -> Mapping[str, Field]:
        """The fields of the front matter by name; each has a `value` and a `span`."""
        return self._parsed.front_matter

    @property
    def links(self) -> tuple[Link, ...]:
        """All links and images, in order."""
        with _told():
            wiki, text = self._wiki.workspace.facts.wiki, self.text
            found: list[Link] = []
            for link in self._parsed.links:
                written = link.span.of(text)
                if isinstance(link, Wikilink):
                    target = wiki.read(link)[0]
                    found.append(Link("wikilink", link.span, written, target, link.embed, wiki.resolve(link)))
                elif isinstance(link, MarkdownLink):
                    leads = wiki.resolve_link(link)
                    found.append(Link("markdown", link.span, written, link.url, link.image, leads))
                else:
                    found.append(Link("web", link.span, written, link.url, link.image, None))
            return tuple(found)

    @property
    def backlinks(self) -> tuple[str, ...]:
        """The paths of the pages that link here, sorted."""
        with _told():
            return tuple(sorted({link.span.path for link in self._wiki.workspace.facts.wiki.links_to(self.path)}))

    @property
    def citations(self) -> tuple[Cited, ...]:
        """The citations, in order, each with the source it means or why it means none."""
        with _told():
            cited = self._wiki.workspace.facts.cited.get(self.path, ())
            return tuple(each for each in cited if each.convincing or not isinstance(each.resolution, Missing))

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that the page certainly cites, each once, in order."""
        found = (each.resolution.target for each in self.citations if isinstance(each.resolution, Found))
        return tuple({(source.span, source.key): source for source in found}.values())

    @property
    def _parsed(self) -> ParsedPage:
        with _told():
            return self._wiki.workspace.facts.wiki.pages[self.path]


class Findings(Sequence[Diagnostic]):
    """The findings of a check, in order of path and offset."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    @overload
    def __getitem__(self, index: int) -> Diagnostic: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Diagnostic]: ...
    def __getitem__(self, index: int | slice) -> Diagnostic | Sequence[Diagnostic]:
        """Return one finding, or several."""
        return self._outcome.diagnostics[index]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._outcome.diagnostics)

    def __repr__(self) -> str:
        """Return how many there are."""
        return f"<{len(self)} findings>"

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that ran."""
        return self._outcome.rules

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """The selected rules that could not run, each with the reason."""
        return self._outcome.skipped

    @property
    def silenced(self) -> int:
        """How many findings comments on pages, and the settings, silence."""
        return self._outcome.suppressed + self._outcome.ignored


@dataclass(frozen=True, slots=True)
class Fixed:
    """The result of repairs."""

    texts: Mapping[str, str]
    """The new text of each file that changed, or would change, by path."""
    fixed: tuple[Diagnostic, ...]
    """What is repaired."""
    remaining: Findings
    """What is left."""
    not_written: Mapping[str, str]
    """Why files were left alone, by path: repairs that could not be proven, files that cannot be written."""


# How it works


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn errors of other modules into `WikiError`."""
    from wikitools.config import ConfigError
    from wikitools.files import FileError
    from wikitools.lint.fix.proof import FixProofError
    from wikitools.lint.policy import UnknownRuleError
    from wikitools.wiki.lazy_pages import GoneError

    try:
        yield
    except (FileError, ConfigError, UnknownRuleError, FixProofError) as error:
        raise WikiError(str(error), getattr(error, "hint", "")) from error
    except GoneError as error:
        raise WikiError(f"{error}: changed since the wiki was opened", "reload the wiki") from error


def _chosen(paths: Iterable[str] | None, known: Iterable[str]) -> frozenset[str] | None:
    """Return the files that `paths` mean; `None` for all. Raises `WikiError` for a path without files."""
    if paths is None:
        return None
    there = frozenset(known)
    chosen: set[str] = set()
    for path in (paths,) if isinstance(paths, str) else paths:
        plain = path.removesuffix("/")
        found = {each for each in there if each == plain or each.startswith(f"{plain}/")}
        if not found:
            raise WikiError(f"{path}: no page, bibliography or folder of the wiki")
        chosen |= found
    return frozenset(chosen)
