"""The format `github`: workflow commands that become annotations in GitHub Actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.report import engine_hint
from wikitools.report.runner import tame, tame_inside
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.run import Diagnostic
    from wikitools.report.report import Report

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}

SUMMARY_SIZE = 1024 * 1024
"""How many bytes of a job summary GitHub accepts for each step."""


def render(report: Report) -> Iterator[str]:
    """Yield a command for each finding, errors first: GitHub shows only ten annotations of each kind per step.

    Escaped as in GitHub's toolkit (`command.ts`). The message starts with the location, because the log shows only
    that.
    """
    if report.misfit is not None:
        yield _command("notice", {"title": "engine"}, engine_hint.render(report.misfit).strip())
    for severity, command in _COMMANDS.items():
        for each in report.diagnostics:
            if each.severity == severity:
                yield _annotation(each, command, report)


def _annotation(diagnostic: Diagnostic, command: str, report: Report) -> str:
    path = report.placed(diagnostic.path)
    properties = {"title": diagnostic.rule, "file": path, "line": str(diagnostic.line)}
    if diagnostic.end_line == diagnostic.line:
        # The end column is inclusive, and columns are not allowed for several lines.
        last = max(diagnostic.end_column - 1, diagnostic.column)
        properties |= {"endLine": str(diagnostic.line), "col": str(diagnostic.column), "endColumn": str(last)}
    else:
        properties["endLine"] = str(diagnostic.end_line)
    place = f"{path}:{diagnostic.line}:{diagnostic.column}"
    return _command(command, properties, f"{place}: {diagnostic.message} [{diagnostic.rule}]")


def _command(name: str, properties: dict[str, str], message: str) -> str:
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    # A name may contain a command to another service, and the format has no escape for its first characters.
    return f"::{name} {tame_inside(told)}::{_data(tame(visible(message)))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(_steerless(text)).replace(":", "%3A").replace(",", "%2C")


def _steerless(text: str) -> str:
    """Return a path without control characters, except line ends, which are escaped later."""
    return "\n".join("\r".join(visible(part) for part in line.split("\r")) for line in text.split("\n"))
