"""The format `concise`: one line a finding, `path:line:column: severity[rule] message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.report.screen import visible
from wikitools.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wikitools.lint.run import Diagnostic


def render(
    diagnostics: Iterable[Diagnostic], *, shown: Callable[[str], str] = str, style: Style | None = None
) -> Iterator[str]:
    """Yield one line a finding, with its line end; `shown` gives a path as the reader should see it."""
    paint = (style or Style()).paint
    for each in diagnostics:
        place = f"{paint('bold', visible(shown(each.path)))}:{each.line}:{each.column}:"
        severity = str(each.severity)
        yield f"{place} {paint(severity, f'{severity}[{each.rule}]')} {visible(each.message)}\n"
