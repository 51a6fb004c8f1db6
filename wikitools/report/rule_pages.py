"""The web addresses of the rules' pages."""

from __future__ import annotations

DOCS = ""
"""The address at which the docs are published, with a slash at the end; "" until there is one."""


def rule_url(rule: str) -> str:
    """Return the address of a rule's page; "" if there is none."""
    return f"{DOCS}rules/{rule}/" if DOCS else ""
