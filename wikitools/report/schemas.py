"""JSON Schemas of the formats `json` and `json-lines`; `docs/generate.py` publishes them."""

from __future__ import annotations

from typing import Any

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _object(about: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {"description": about, "type": "object", "required": list(properties), "properties": properties}


def _list(items: dict[str, Any], about: str = "") -> dict[str, Any]:
    return {**({"description": about} if about else {}), "type": "array", "items": items}


def _text(about: str = "") -> dict[str, Any]:
    return {**({"description": about} if about else {}), "type": "string"}


def _number(about: str, least: int = 0) -> dict[str, Any]:
    return {"description": about, "type": "integer", "minimum": least}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_SEVERITY = {"enum": ["error", "warning", "info"]}
_PATH = _text("Relative to the wiki's root, with slashes; absolute for a bibliography outside of it.")
_PLACE = {
    "path": _PATH,
    "start": _number("Offset of the first character, in code points of the file."),
    "end": _number("Offset behind the last character."),
}
_RUN = {
    "version": {"description": "Of this format; it is raised when a field goes or changes its meaning.", "const": 1},
    "tool": _object("The program.", name={"const": "wikitools"}, version=_text()),
    "root": _text("The wiki's folder, from the folder in which the program ran."),
}
_FIX = _object(
    "A repair: all of its edits, or none.",
    title=_text("What it does."),
    safety={"description": "Whether it keeps what was meant, or guesses it.", "enum": ["safe", "unsafe"]},
    edits=_list(_object("Replace a range by a text.", **_PLACE, text=_text("What stands there afterwards."))),
)
_DIAGNOSTIC = {
    "rule": _text("The rule's name."),
    "group": _text("The rule's group."),
    "severity": _SEVERITY,
    **_PLACE,
    "line": _number("From 1.", 1),
    "column": _number("From 1, in code points.", 1),
    "end_line": _number("From 1.", 1),
    "end_column": _number("From 1; the column behind the last character.", 1),
    "message": _text("One line."),
    "subject": _text("What it is about, in the author's words: stable when lines move."),
    "reason": _text("Why, as a word for programs, where the rule's name does not say it."),
    "help": _text("What to do where no repair can."),
    "fix": _or_null(_FIX),
    "related": _list(_object("Another place that helps to understand.", **_PLACE, message=_text())),
}
_SUMMARY = {
    "problems": _number("All findings."),
    "errors": _number("Of severity error."),
    "warnings": _number("Of severity warning."),
    "infos": _number("Of severity info."),
    "pages": _number("Pages of the wiki."),
    "suppressed": _number("Findings that comments on pages silence."),
    "known": _number("Findings that the baseline knows."),
    "stale": _number("Entries of the baseline that nothing fits any more."),
    "fixed": _number("Problems that this run repaired."),
    "rules": {
        "description": "How often each rule found something.",
        "type": "object",
        "additionalProperties": {"type": "integer", "minimum": 1},
    },
    "skipped": _list(_object("A rule that was asked for and could not run.", rule=_text(), reason=_text())),
    "failures": _list(
        _object("A rule that failed: a bug of wikitools.", rule=_text(), path=_text('"" for the wiki.'), error=_text())
    ),
    "bibliographies": _list(_text(), "Bibliography files that were found by looking."),
    "misfit": _or_null(
        _object(
            "An engine that would suit the wiki better.",
            engine=_text("The engine of this run."),
            broken=_number("Links that it leaves broken."),
            better=_text("The engine that would leave fewer."),
            better_broken=_number("Links that this one leaves broken."),
            links=_number("All links."),
            kind=_text("What kind of links was counted."),
        )
    ),
}


def lint_schema() -> dict[str, Any]:
    """Return the schema of what `lint --output-format json` writes."""
    diagnostics = _list(_object("A finding.", **_DIAGNOSTIC), "In order of path and place.")
    envelope = _object("A run.", **_RUN, diagnostics=diagnostics, summary=_object("Counts.", **_SUMMARY))
    return {"$schema": _DIALECT, "title": "wikitools lint --output-format json", **envelope}


def lint_line_schema() -> dict[str, Any]:
    """Return the schema of each line of what `lint --output-format json-lines` writes."""
    kinds = (
        ("run", "The first line.", _RUN),
        ("diagnostic", "A finding.", _DIAGNOSTIC),
        ("summary", "The last line.", _SUMMARY),
    )
    lines = [_object(about, kind={"const": kind}, **fields) for kind, about, fields in kinds]
    return {"$schema": _DIALECT, "title": "A line of wikitools lint --output-format json-lines", "oneOf": lines}
