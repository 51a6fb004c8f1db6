"""The rule invalid-front-matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Problem


@rule(group="pages", severity=Severity.ERROR, since="0.1.0")
def invalid_front_matter(problem: Problem, facts: Facts) -> Iterator[Finding]:
    """The front matter of a page is not valid YAML.

    Programs then show it as text or ignore all of it: title, aliases and links in it are lost. Usually a value with a
    colon or a bracket lacks its quotes, or the block is not closed.

    ```wiki
    -- index.md --
    ---
    title: Risks: an overview
                ^ the front matter is not valid YAML
    ---
    Text.
    ```

    A key that stands there twice is no valid YAML either. Obsidian and Hugo then read none of the front matter, others
    take the last value of that key, as the other rules here do:

    ```wiki
    -- index.md --
    ---
    title: Risks
    tags: [risk]
    title: Overview of risks
    ^^^^^ the key "title" stands in the front matter again
    ---
    Text.
    ```

    With its quotes it is fine, and a rule between paragraphs is no front matter:

    ```wiki
    -- index.md --
    ---
    title: "Risks: an overview"
    tags: [risk, overview]
    ---
    Text.
    -- log.md --
    Before.

    ---

    note: after
    ```
    """
    if problem.kind == "invalid-front-matter":
        yield Finding(span=problem.span, message=problem.message)
