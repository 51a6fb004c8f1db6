"""`wikitools explain`: shows a rule's page, or the list of all rules."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikitools.cli import options
from wikitools.cli.terminal import choose_colour, columns, fail, output_style, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.lint.rule import Rule
    from wikitools.report.ansi import Style


def explain(
    rule: Annotated[str | None, typer.Argument(metavar="[RULE]", help="A rule's name; without one, all rules.")] = None,
    output_format: Annotated[
        Literal["text", "json"],
        typer.Option("--output-format", help="Format of the rules.", rich_help_panel=options.OUTPUT),
    ] = "text",
    color: options.Color = "auto",
) -> None:
    """Explain a rule, or list all rules.

    Names of groups list the rules of the group. JSON is always a list of rules, each with its page.
    """
    from wikitools.lint.policy import ALL, near_names
    from wikitools.lint.rule import load_rules

    choose_colour(color)
    rules = load_rules()
    if rule is None or rule.strip().upper() == ALL:
        chosen = list(rules.values())
    else:
        name = rule.strip().lower().replace("_", "-")
        chosen = [each for each in rules.values() if name in {each.id, each.group}]
        if not chosen:
            near = near_names(name, rules)
            hint = f'did you mean "{near[0]}"?' if near else 'all: "wikitools explain"'
            fail(f'no rule or group is named "{rule}"', hint)
        if output_format == "text" and name in rules:
            from wikitools.report.rule_docs import PlainWriter, page

            write(_fitted(page(rules[name], PlainWriter()), columns(otherwise=0)))
            return
    if output_format == "json":
        write(_as_json(chosen), exact=True)
    else:
        write(_listed(chosen, output_style(), columns(otherwise=0)))


def _as_json(rules: "Iterable[Rule]") -> str:
    from wikitools.report.json import dumps
    from wikitools.report.rule_docs import PlainWriter, fixes, page

    rows = [
        {
            "rule": rule.id,
            "group": rule.group,
            "severity": str(rule.severity),
            "summary": rule.summary,
            "since": rule.since,
            "default": rule.default,
            "needs_web": rule.needs_web or rule.needs_registries,
            "needs_git": rule.needs_git,
            "fixes": list(fixes(rule)),
            "page": page(rule, PlainWriter()),
        }
        for rule in rules
    ]
    return dumps({"version": 1, "rules": rows}, indent=2) + "\n"


def _fitted(text: str, width: int) -> str:
    """Return Markdown with its paragraphs wrapped to `width` columns; headings, examples, tables and lists stay.

    Without a width (no terminal), or if all lines fit, nothing changes.
    """
    import textwrap

    if not width or max(map(len, text.splitlines())) <= width:
        return text
    return (
        "\n\n".join(
            block
            if block.startswith(("#", "|", "-", "*", " "))
            else textwrap.fill(block, width, break_long_words=False, break_on_hyphens=False)
            for block in text.rstrip("\n").split("\n\n")
        )
        + "\n"
    )


def _listed(rules: "Iterable[Rule]", style: "Style", width: int) -> "Iterator[str]":
    import textwrap

    from wikitools.lint.rule import GROUPS

    found = list(rules)
    room = max((len(rule.id) for rule in found), default=0)
    indent = room + 13
    fits = max(width - indent, 20) if width else 10_000
    for group, about in GROUPS.items():
        members = [rule for rule in found if rule.group == group]
        if members:
            yield f"{style.paint('bold', group)}: {about}\n"
        for rule in members:
            mark = " " if rule.default else "-"
            severity = style.paint(str(rule.severity), f"{rule.severity!s:<7}")
            summary = f"\n{' ' * indent}".join(textwrap.wrap(rule.summary, fits, break_on_hyphens=False))
            yield f"{mark} {rule.id:<{room}}  {severity}  {summary}\n"
    if not all(rule.default for rule in found):
        yield "-: off by default; --extend-select runs it.\n"
