"""The rule duplicate-page-name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.globs import glob_test
from wikitools.lint.rule import Finding, Related, Severity, listed, quoted, rule
from wikitools.text import Span
from wikitools.wiki.names_index import fold, group
from wikitools.wiki.paths import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.wiki.wiki import Wiki


@rule(group="pages", severity=Severity.WARNING, since="0.1.0", default=False)
def duplicate_page_name(wiki: Wiki, facts: Facts) -> Iterator[Finding]:
    """Two pages have the same name.

    A link by name fits both, and a reader who searches cannot tell them apart. Case and Unicode forms play no part:
    where file systems ignore them, two such pages in one folder even overwrite each other. Off by default: wikis whose
    links are paths may well repeat names. Pages of the setting `entry-pages` (`index.md`, `README.md` …) may too.

    ```wiki
    -- ethics/Glossary.md --
    Terms.
    -- logic/glossary.md --
    Terms.
    ^ 2 pages are named "glossary": also "ethics/Glossary.md"
    ```

    ```wiki
    -- ethics/index.md --
    Terms.
    -- logic/index.md --
    Terms.
    -- logic/Glossary.md --
    Terms.
    ```
    """
    is_entry = glob_test(facts.entry_pages)
    names = group((fold(page.name), path) for path, page in wiki.pages.items() if not is_entry(path))
    for paths in names.values():
        for path in paths[1:]:
            others = [other for other in paths if other != path]
            beside = [other for other in others if folder_of(other) == folder_of(path)]
            clash = "; where case does not count, one overwrites the other" if beside else ""
            yield Finding(
                span=Span(path, 0, 0),
                message=f"{len(paths)} pages are named {quoted(wiki.pages[path].name)}: "
                f"also {listed([quoted(other) for other in others])}{clash}",
                subject=path,
                related=tuple(Related(Span(other, 0, 0), "has the same name") for other in others[:_SHOWN]),
            )


_SHOWN = 5
