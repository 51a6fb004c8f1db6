"""Linting and fixing of wikis in memory, and rules made for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.fix.fixing import (
    Policy,
)
from wikitools.lint.rule import Rule, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Callable

LINKS = Policy(select=("links", "anchors"), ignore=("slug-anchor",))


def made(*rules: Rule) -> dict[str, Rule]:
    return {each.id: each for each in sorted(rules, key=lambda each: each.id)}


def find(group: str = "pages", *, needs_web: bool = False) -> Callable[..., Rule]:
    return rule(group=group, severity=Severity.ERROR, since="0", needs_web=needs_web)
