"""The web addresses of the rules' pages."""

from __future__ import annotations

DOCS = ""
"""The address under which the docs are published, with its last slash; "" as long as there is none."""


def rule_url(rule: str) -> str:
    """Return the address of a rule's page; "" when there is none."""
    return f"{DOCS}rules/{rule}/" if DOCS else ""
