"""The rule ambiguous-wikilink."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wikitools.lint.rule import Finding, Related, Severity, listed, quoted, rule
from wikitools.text import Span
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.paths import folder_of
from wikitools.wiki.resolution import Ambiguous

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Wikilink
    from wikitools.wiki.names_index import Index

_SHOWN = 5
_MOST = 100
"""A name that more pages have than this does not identify a page, whatever an engine's order."""


@rule(group="links", severity=Severity.WARNING, since="0.1.0", passes_plain_links=True, told_once=2)
def ambiguous_wikilink(link: Wikilink, facts: Facts) -> Iterator[Finding]:
    """A wikilink fits several pages, and nothing says which one is meant.

    The engine picks one of them by a rule that readers do not know (often the shortest path), so the link may go to the
    wrong page, or change its target when somebody adds a page. Usually two folders hold pages of the same name. Write
    the folder into the link.

    Both paths are equally long, so Obsidian may open either page:

    ```wiki
    -- index.md --
    See the [[Methods]].
            ^^^^^^^^^^^ "Methods" fits 2 pages: "labs/Methods.md", "wets/Methods.md"
    -- labs/Methods.md --
    Dry.
    -- wets/Methods.md --
    Wet.
    ```

    If the engine's order is clear, and picks the same page from every folder (apart from folders that hold one of the
    candidates), the finding is only an info: the wiki works, but the link looks as if it might not.

    ```wiki
    -- index.md --
    See the [[Glossary]].
            ^^^^^^^^^^^^ "Glossary" fits 2 pages: "logic/Glossary.md", "ethics/Glossary.md"; Obsidian opens "logic/Glossary.md"
    -- ethics/Glossary.md --
    Terms.
    -- logic/Glossary.md --
    Terms.
    ```

    A path decides, and so does the page's own folder:

    ```wiki
    -- logic/index.md --
    See the [[Glossary]], not the [[ethics/Glossary|other one]].
    -- ethics/Glossary.md --
    Terms.
    -- logic/Glossary.md --
    Terms.
    ```
    """
    resolution = facts.wiki.resolve(link)
    if not isinstance(resolution, Ambiguous):
        return
    target, _ = facts.wiki.read(link)
    paths = resolution.candidates
    same = resolution.first_wins and _opens_same(facts, target, paths)
    opens = ""
    if resolution.first_wins:
        opens = f"; {facts.wiki.engine.name.capitalize()} opens {quoted(paths[0])}{'' if same else ' from here'}"
    yield Finding(
        span=link.span,
        message=f"{quoted(target)} fits {len(paths)} pages: {listed([quoted(path) for path in paths])}{opens}",
        subject=target,
        help="write the folder into the link",
        related=tuple(Related(Span(path, 0, 0), "may be meant") for path in paths[:_SHOWN]),
        severity=Severity.INFO if same else None,
    )


def _opens_same(facts: Facts, target: str, paths: tuple[str, ...]) -> bool:
    """Say whether all ambiguous links with this target open the first of the paths, from every page."""
    wiki = facts.wiki
    if wiki.engine.one_space:
        return True
    asked = _Asked(wiki.engine.name, target, tuple(sorted(paths)))
    return wiki.index.remember(_same_from_all, asked) == paths[0]


class _Asked(NamedTuple):
    """The question which of several pages all ambiguous links with a target open."""

    engine: str
    target: str
    paths: tuple[str, ...]


def _same_from_all(index: Index, asked: _Asked) -> str:
    """Return the page that ambiguous links with this target open from all folders; "" when that depends on the folder.

    Only folders above the candidates can make a difference.
    """
    if len(asked.paths) > _MOST:
        return ""
    with_pages = index.table(_folders)
    folders = {folder for path in asked.paths for folder in _above(path) if folder in with_pages}
    resolve = ENGINES[asked.engine].resolve
    answers = [resolve(index, asked.target, folder) for folder in sorted({"", *folders})]
    several = [each for each in answers if isinstance(each, Ambiguous)]
    first = {each.candidates[0] for each in several}
    return first.pop() if len(first) == 1 and all(each.first_wins for each in several) else ""


def _above(path: str) -> Iterator[str]:
    while path:
        path = folder_of(path)
        yield path


def _folders(index: Index) -> frozenset[str]:
    return frozenset(map(folder_of, index.pages))
