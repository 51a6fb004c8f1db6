"""What is found and repaired in a wiki in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.facts import facts_of
from wikitools.lint.fix.fixing import Policy, lint

if TYPE_CHECKING:
    from collections.abc import Mapping

LINKS = Policy(ignore=("citations", "bibliography", "sources"))


def found(files_: Mapping[str, str], policy: Policy = LINKS, **options: object) -> list[tuple[str, str, str]]:
    """Return rule, reason and subject of each finding in a tiny wiki."""
    outcome = lint(facts_of(files_, **options), policy)  # type: ignore[arg-type]  # the options of facts_of
    assert not outcome.failures
    return [(each.rule, each.reason, each.subject) for each in outcome.diagnostics]


def dendron_like(count: int = 30) -> dict[str, str]:
    notes = {f"note.number-{n}.md": f"[[the next note|note.number-{n + 1}]]\n" for n in range(count)}
    return {**notes, f"note.number-{count}.md": ""}
