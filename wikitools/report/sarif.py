"""The format `sarif`: SARIF 2.1.0 (OASIS) as GitHub's code scanning and IDEs want it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wikitools import __version__
from wikitools.lint.rule import load_rules
from wikitools.report import engine_hint, rule_pages
from wikitools.report.file_lines import Lines
from wikitools.report.fingerprints import fingerprints, line_hashes
from wikitools.report.json import dumps
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wikitools.lint.rule import Rule
    from wikitools.lint.run import Diagnostic
    from wikitools.report.report import Report
    from wikitools.text import Fix, Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SEVERITIES = ("error", "warning", "info")

MOST_RESULTS = 25_000
"""The most results of one run; GitHub refuses a file with more."""


def render(report: Report) -> Iterator[str]:
    """Yield the log: one run with all rules, a result for each finding, and what did not work."""
    rules = load_rules()
    indices = {rule: index for index, rule in enumerate(rules)}
    kept = _most_important(report.diagnostics)
    head = {
        "tool": {"driver": _driver(rules)},
        "invocations": [_invocation(report, len(report.diagnostics) - len(kept))],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The repository that holds the wiki."}}},
    }
    yield f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [\n{dumps(head)[:-1]}, "results": ['
    lines = Lines(report.text_of)
    hashes = _hashes(kept, report)
    names = fingerprints(kept, placed=report.placed)
    separator = "\n"
    for each, name in zip(kept, names, strict=True):
        result = {
            "ruleId": each.rule,
            "ruleIndex": indices[each.rule],
            "level": _LEVELS[str(each.severity)],
            "message": {"text": _sentence(each.message)},
            "locations": [{"physicalLocation": _place(each.span, report, lines)}],
            "partialFingerprints": {
                "primaryLocationLineHash": hashes.get((each.path, each.line), ""),
                "wikitools/v1": name,
            },
            **_related(each, report, lines),
            **_fixes(each.fix, report, lines),
        }
        yield separator + dumps(result)
        separator = ",\n"
    yield "\n]}]}\n"


def _most_important(diagnostics: Sequence[Diagnostic]) -> Sequence[Diagnostic]:
    """Return the findings for one run: all, or as many as fit, errors before warnings, in their order."""
    if len(diagnostics) <= MOST_RESULTS:
        return diagnostics
    ranked = sorted(diagnostics, key=lambda each: _SEVERITIES.index(str(each.severity)))
    kept = set(map(id, ranked[:MOST_RESULTS]))
    return [each for each in diagnostics if id(each) in kept]


# The tool


def _driver(rules: Mapping[str, Rule]) -> dict[str, Any]:
    return {
        "name": "wikitools",
        "version": __version__,
        "semanticVersion": __version__,
        **({"informationUri": rule_pages.DOCS} if rule_pages.DOCS else {}),
        "rules": [_rule(rule) for rule in rules.values()],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    level = _LEVELS[str(rule.severity)]
    url = rule_pages.rule_url(rule.id)
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": _sentence(_plain(rule.summary))},
        "fullDescription": {"text": _sentence(_plain(_first_paragraph(rule) or rule.summary))},
        "help": {"text": f"{rule.summary}\n\n{rule.docs}", "markdown": f"{rule.summary}\n\n{rule.docs}"},
        **({"helpUri": url} if url else {}),
        "defaultConfiguration": {"level": level, "enabled": rule.default},
        "properties": {
            "tags": [rule.group],
            "problem.severity": "recommendation" if level == "note" else level,
        },
    }


def _first_paragraph(rule: Rule) -> str:
    first = rule.docs.strip().partition("\n\n")[0]
    return "" if first.startswith(("```", "#", "|", "-", "*")) else " ".join(first.split())


_CODE = re.compile(r"`+([^`]+)`+")


def _plain(text: str) -> str:
    """Return a paragraph of Markdown without its code marks."""
    return _CODE.sub(r"\1", text)


def _sentence(text: str) -> str:
    words = visible(text)
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _invocation(report: Report, left_out: int) -> dict[str, Any]:
    notifications = [
        *(
            {
                "level": "error",
                "message": {"text": _sentence(f"the rule {each.rule} failed{_on(each.path)}: {each.error}")},
                "associatedRule": {"id": each.rule},
            }
            for each in report.failures
        ),
        *(
            {
                "level": "note",
                "message": {"text": _sentence(f"{each.rule} was skipped: {each.reason}")},
                "associatedRule": {"id": each.rule},
            }
            for each in report.skipped
        ),
    ]
    if report.misfit is not None:
        notifications.append(
            {"level": "warning", "message": {"text": _sentence(engine_hint.render(report.misfit).strip())}}
        )
    if left_out:
        words = f"{left_out:,} findings were left out: a run may have {MOST_RESULTS:,}."
        notifications.append({"level": "warning", "message": {"text": words}})
    return {"executionSuccessful": not report.failures, "toolExecutionNotifications": notifications}


def _on(path: str) -> str:
    return f" on {path}" if path else ""


# Places


def _place(span: Span, report: Report, lines: Lines) -> dict[str, Any]:
    return {"artifactLocation": _artifact(span.path, report), "region": _region(span, lines)}


def _artifact(path: str, report: Report) -> dict[str, Any]:
    placed = report.placed(path)
    if placed.startswith("/"):
        return {"uri": report.address(path)}
    return {"uri": uri(placed), "uriBaseId": "%SRCROOT%"}


def uri(path: str) -> str:
    """Return a relative path as a URI reference (RFC 3986); bytes that are not UTF-8 are encoded as they are."""
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def _region(span: Span, lines: Lines) -> dict[str, int]:
    line, column, end_line, end_column = lines.region(span)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _related(diagnostic: Diagnostic, report: Report, lines: Lines) -> dict[str, Any]:
    if not diagnostic.related:
        return {}
    places = [
        {
            "id": number,
            "message": {"text": _sentence(each.message)},
            "physicalLocation": _place(each.span, report, lines),
        }
        for number, each in enumerate(diagnostic.related, start=1)
    ]
    return {"relatedLocations": places}


def _fixes(fix: Fix | None, report: Report, lines: Lines) -> dict[str, Any]:
    if fix is None or not fix.edits:
        return {}
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        replacement = {"deletedRegion": _region(edit.span, lines), "insertedContent": {"text": edit.text}}
        changes.setdefault(edit.span.path, []).append(replacement)
    artifacts = [
        {"artifactLocation": _artifact(path, report), "replacements": replacements}
        for path, replacements in changes.items()
    ]
    return {"fixes": [{"description": {"text": _sentence(fix.title)}, "artifactChanges": artifacts}]}


def _hashes(diagnostics: Iterable[Diagnostic], report: Report) -> Mapping[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for each in diagnostics:
        wanted.setdefault(each.path, set()).add(each.line)
    return {
        (path, line): found
        for path, numbers in wanted.items()
        for line, found in line_hashes(report.text_of(path), numbers).items()
    }
