"""Findings as the editor shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from wikitools.lint.rule import Severity
from wikitools.report.fingerprints import fingerprints
from wikitools.report.rule_pages import rule_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.lint.run import Diagnostic
    from wikitools.lsp.view import View

SOURCE = "wikitools"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_TAGS = {
    **dict.fromkeys(
        ("unused-reference", "unused-footnote", "unused-suppression", "uncited-source"), types.DiagnosticTag.Unnecessary
    ),
    **dict.fromkeys(("retracted-source", "link-to-redirect"), types.DiagnosticTag.Deprecated),
}


def shown(view: View) -> list[types.Diagnostic]:
    """Return the findings on a page, without those about a wikilink that is being written."""
    return [made for _diagnostic, made in pairs(view)]


def pairs(view: View) -> Iterator[tuple[Diagnostic, types.Diagnostic]]:
    """Yield the findings on a page that are shown, each with the diagnostic that shows it."""
    found = view.diagnostics
    for each, name in zip(found, fingerprints(found), strict=True):
        if not is_being_written(each, view):
            yield each, _made(each, name, view)


def is_being_written(diagnostic: Diagnostic, view: View) -> bool:
    """Say whether a finding is about a wikilink that, as far as we know, the cursor is still in."""
    at, span = view.document.typed_at, diagnostic.span
    if at is None or not span.start < at < span.end:
        return False
    written = span.of(view.document.text)
    return written.startswith(("[[", "![[")) and at <= span.end - len("]]")


def _made(diagnostic: Diagnostic, name: str, view: View) -> types.Diagnostic:
    client = view.client
    tag = _TAGS.get(diagnostic.rule)
    address = rule_url(diagnostic.rule)
    message = f"{diagnostic.message}\n{diagnostic.help}" if diagnostic.help else diagnostic.message
    related = [
        types.DiagnosticRelatedInformation(view.location(each.span), each.message) for each in diagnostic.related
    ]
    return types.Diagnostic(
        range=view.range(diagnostic.span),
        message=message,
        severity=_SEVERITIES[diagnostic.severity],
        code=diagnostic.rule,
        code_description=types.CodeDescription(address) if address and client.code_description else None,
        source=SOURCE,
        tags=[tag] if tag is not None and client.tags else None,
        related_information=related or None,
        data=name if client.data else None,
    )


def inside(diagnostics: Iterable[Diagnostic], start: int, end: int) -> Iterator[Diagnostic]:
    """Yield the findings that overlap a part of the page."""
    return (each for each in diagnostics if each.span.start <= end and start <= each.span.end)
