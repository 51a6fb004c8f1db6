"""The format `junit`: test results, with a suite for each page and a failed test for each finding."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wikitools.report.runner import tame_escaped
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wikitools.lint.run import Diagnostic
    from wikitools.report.report import Report

# Written without an XML library: escaping is all that is needed.
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\ufffe": "\ufffd", "\uffff": "\ufffd"}
)


def render(report: Report) -> Iterator[str]:
    """Yield the report (`junit-10.xsd`). Findings that do not fail the run are skipped tests; a clean page passes.

    There is always a test: an empty report would look as if nothing had run.
    """
    suites: dict[str, list[Diagnostic]] = {path: [] for path in report.pages}
    for each in report.diagnostics:
        suites.setdefault(each.path, []).append(each)
    failed = sum(str(each.severity) in report.failing for each in report.diagnostics)
    own = len(report.skipped) + len(report.failures)
    tests = sum(max(len(found), 1) for found in suites.values()) + max(own, not suites)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="wikitools" tests="{tests}" failures="{failed}" errors="{len(report.failures)}">\n'
    if own or not suites:
        yield from _run(report)
    for path in sorted(suites):
        yield from _suite(report.placed(path), suites[path], report)
    yield "</testsuites>\n"


def _run(report: Report) -> Iterator[str]:
    """Yield the suite of the run itself: rules that were skipped, rules that failed, a wiki without pages."""
    errors, skipped = len(report.failures), len(report.skipped)
    tests = max(errors + skipped, 1)
    yield f'  <testsuite name="wikitools" tests="{tests}" failures="0" errors="{errors}" skipped="{skipped}">\n'
    for failure in report.failures:
        place = f" on {failure.path}" if failure.path else ""
        yield _case("wikitools", f"the rule {failure.rule} runs", "error", failure.error, f"{failure.error}{place}")
    for each in report.skipped:
        yield _case("wikitools", f"the rule {each.rule} runs", "skipped", each.reason)
    if not errors + skipped:
        yield _case("wikitools", "no pages to check")
    yield "  </testsuite>\n"


def _suite(path: str, found: Sequence[Diagnostic], report: Report) -> Iterator[str]:
    failures = sum(str(each.severity) in report.failing for each in found)
    name = _escaped(path)
    yield (
        f'  <testsuite name="{name}" tests="{max(len(found), 1)}" failures="{failures}" errors="0" '
        f'skipped="{len(found) - failures}" file="{name}">\n'
    )
    if not found:
        yield _case(path, "no problems")
    # Without a line number in its name, a test keeps its history when lines move.
    seen: Counter[str] = Counter()
    for each in found:
        title = f"{each.rule}: {each.message}"
        seen[title] += 1
        again = f" ({seen[title]})" if seen[title] > 1 else ""
        kind = "failure" if str(each.severity) in report.failing else "skipped"
        details = f"{report.placed(each.path)}:{each.line}:{each.column}: {each.severity}[{each.rule}] {each.message}"
        yield _case(path, f"{title}{again}", kind, each.message, details, of=each.rule)
    yield "  </testsuite>\n"


def _case(suite: str, name: str, kind: str = "", message: str = "", details: str = "", *, of: str = "") -> str:
    head = f'    <testcase classname="{_escaped(suite)}" name="{_escaped(name)}"'
    if not kind:
        return f"{head}/>\n"
    type_ = f' type="{_escaped(of)}"' if of else ""
    return (
        f'{head}>\n      <{kind} message="{_escaped(message)}"{type_}>{_escaped(details)}</{kind}>\n    </testcase>\n'
    )


def _escaped(text: str) -> str:
    return tame_escaped(visible(text).translate(_ESCAPES), "&#91;")
