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

    Programs show it as text or ignore all of it, so title, aliases and links in it are lost. Usually a value with a
    colon or a bracket needs quotes, or the closing `---` is missing.

    ```wiki
    -- index.md --
    ---
    title: Risks: an overview
                ^ the front matter is not valid YAML: mapping values are not allowed in this context
    ---
    Text.
    ```

    A repeated key is not valid YAML either. Obsidian and Hugo then ignore the whole front matter. Other programs, and
    the other rules, use the last value of that key:

    ```wiki
    -- index.md --
    ---
    title: Risks
    tags: [risk]
    title: Overview of risks
    ^^^^^ the key "title" is repeated; many programs then ignore the whole front matter
    ---
    Text.
    ```

    A value in quotes, a template that a program fills in (`{{ … }}`, `{% … %}`, `<% … %>`), and a rule between paragraphs, which is not front matter:

    ```wiki
    -- index.md --
    ---
    title: "Risks: an overview"
    tags: [risk, overview]
    ---
    Text.
    -- archetypes/default.md --
    ---
    title: "{{ replace .Name "-" " " | title }}"
    date: {{ .Date }}
    {{ if .Draft }}
    draft: true
    {{ end }}
    ---
    -- log.md --
    Before.

    ---

    note: after
    ```
    """
    if problem.kind == "invalid-front-matter":
        yield Finding(span=problem.span, message=problem.message)
