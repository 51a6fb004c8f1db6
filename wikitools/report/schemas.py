"""JSON Schemas of the commands' `json` and `json-lines` output; `docs/generate.py` publishes them."""

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
    "end": _number("Offset after the last character."),
}
_RUN = {
    "version": {
        "description": "Version of this format; it increases when a field is removed or changes its meaning.",
        "const": 1,
    },
    "tool": _object("The program.", name={"const": "wikitools"}, version=_text()),
    "root": _text("The wiki's folder, from the folder in which the program ran."),
}
_FIX = _object(
    "A repair: all of its edits, or none.",
    title=_text("What it does."),
    safety={"description": "Whether it keeps what was meant, or guesses it.", "enum": ["safe", "unsafe"]},
    edits=_list(_object("Replaces a range with a text.", **_PLACE, text=_text("The new text."))),
)
_DIAGNOSTIC = {
    "rule": _text("The rule's name."),
    "group": _text("The rule's group."),
    "severity": _SEVERITY,
    **_PLACE,
    "line": _number("From 1.", 1),
    "column": _number("From 1, in code points.", 1),
    "end_line": _number("From 1.", 1),
    "end_column": _number("From 1; the column after the last character.", 1),
    "message": _text("One line."),
    "subject": _text("What it is about, in the author's words: stable when lines move."),
    "reason": _text("The reason as a word for programs, if the rule's name does not say it."),
    "help": _text("What to do if there is no repair."),
    "fix": _or_null(_FIX),
    "related": _list(_object("Another location that helps to understand the finding.", **_PLACE, message=_text())),
}
_SUMMARY = {
    "problems": _number("All findings."),
    "errors": _number("Of severity error."),
    "warnings": _number("Of severity warning."),
    "infos": _number("Of severity info."),
    "pages": _number("Pages of the wiki."),
    "suppressed": _number("Findings that comments on pages silence."),
    "placeholders": _number("Links that were skipped as placeholders."),
    "known": _number("Findings that are in the baseline."),
    "stale": _number("Entries of the baseline that match no finding any more."),
    "fixed": _number("Problems that this run repaired."),
    "rules": {
        "description": "How often each rule found something.",
        "type": "object",
        "additionalProperties": {"type": "integer", "minimum": 1},
    },
    "skipped": _list(_object("A selected rule that could not run.", rule=_text(), reason=_text())),
    "failures": _list(
        _object("A rule that failed: a bug in wikitools.", rule=_text(), path=_text('"" for the wiki.'), error=_text())
    ),
    "bibliographies": _list(_text(), "Bibliography files that wikitools found by itself."),
    "misfit": _or_null(
        _object(
            "An engine that would suit the wiki better.",
            engine=_text("The engine of this run."),
            broken=_number("Links that it leaves broken."),
            better=_text("The engine that would leave fewer."),
            better_broken=_number("Links that this one leaves broken."),
            links=_number("Links that were tried under both: all, or a sample."),
            kind=_text("What kind of links was counted."),
            all_links=_number("Links of this kind that the wiki has."),
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


_VERSION_AND_TOOL = {"version": _RUN["version"], "tool": _RUN["tool"]}
_LINE_AND_COLUMN = {"line": _number("From 1.", 1), "column": _number("From 1, in code points.", 1)}
_STATUS = {"enum": ["matched", "ambiguous", "unmatched"]}
_CITATION = {
    **_PLACE,
    **_LINE_AND_COLUMN,
    "text": _text("The citation as its author wrote it."),
    "status": _STATUS,
    "keys": _list(_text(), "The key of the source; of the first candidates where it is ambiguous."),
    "more": _number("How many more candidates there are."),
    "evidence": _list(_text(), "What decided."),
    "names": _list(_text(), "The authors that it prints."),
    "year": _text("The year that it prints, with its letter."),
    "kind": _text("How the source is named: by authors and year, a key, a note, a URL, a footnote …"),
    "address": _text('The URL, DOI or other identifier on or beside it; "" without one.'),
    "why": _text('Why there is no single source, as a word for programs; "" if there is one.'),
    "near": _list(_text(), "What may be meant."),
    "losers": _list(_object("A runner-up.", key=_text(), why=_text("Why it lost.")), "Sources that came close."),
}
_WANTED = _object(
    "A source that is cited but not identified.",
    label=_text("As a citation would name it."),
    status={"enum": ["ambiguous", "unmatched"]},
    citations=_number("How often it is cited.", 1),
    pages=_number("On how many pages.", 1),
    near=_list(_text(), "What may be meant."),
    address=_text('The DOI, URL or other identifier that pages print for it; "" without one.'),
    first=_object("Where it is cited first.", path=_PATH, **_LINE_AND_COLUMN, text=_text()),
)
_PERSON = {
    "description": "A person by the parts of the name that are known, or an organisation.",
    "type": "object",
    "properties": {"family": _text(), "given": _text(), "suffix": _text(), "literal": _text("An organisation.")},
}
_SOURCE = {
    "key": _text("The citation key."),
    "authors": _list(_PERSON),
    "years": _list(_text(), "The year, and others by which it is cited."),
    "suffix": _text("The letter of its year."),
    "title": _text(),
    "kind": _text("The CSL type."),
    "url": _text(),
    "doi": _text("Without an address before it."),
    "arxiv": _text("Without an address before it."),
    "note": _text('The page that is the source, or describes it; "" for none.'),
    "aliases": _list(_text(), "Other names."),
    "path": _PATH,
    **_LINE_AND_COLUMN,
    "pages": _number("How many pages cite it."),
}


def cite_schema() -> dict[str, Any]:
    """Return the schema of what `cite --output-format json` writes."""
    counts = {"citations": _number("All citations."), **{each: _number(f"Those {each}.") for each in _STATUS["enum"]}}
    envelope = _object(
        "A run.",
        **_VERSION_AND_TOOL,
        citations=_list(_object("A citation.", **_CITATION), "In order of path and place."),
        summary=_object("Counts.", **counts),
    )
    # Only with --unmatched or --ambiguous.
    envelope["properties"]["wanted"] = _list(_WANTED, "The most wanted first; with --unmatched or --ambiguous.")
    return {"$schema": _DIALECT, "title": "wikitools cite --output-format json", **envelope}


def cite_line_schema() -> dict[str, Any]:
    """Return the schema of each line of what `cite --output-format json-lines` writes."""
    line = _object("A citation.", **_CITATION)
    return {"$schema": _DIALECT, "title": "A line of wikitools cite --output-format json-lines", **line}


def sources_schema() -> dict[str, Any]:
    """Return the schema of what `bib list --output-format json` writes."""
    envelope = _object(
        "A run.",
        **_VERSION_AND_TOOL,
        sources=_list(_object("A source.", **_SOURCE), "In order of files and places."),
        summary=_object("Counts.", sources=_number("All sources."), cited=_number("Those that pages cite.")),
    )
    return {"$schema": _DIALECT, "title": "wikitools bib list --output-format json", **envelope}


def source_line_schema() -> dict[str, Any]:
    """Return the schema of each line of what `bib list --output-format json-lines` writes."""
    line = _object("A source.", **_SOURCE)
    return {"$schema": _DIALECT, "title": "A line of wikitools bib list --output-format json-lines", **line}


def doubts_schema() -> dict[str, Any]:
    """Return the schema of what `bib verify --by-page --output-format json` writes."""
    citations = _list(_object("A citation on the page.", **_LINE_AND_COLUMN))
    source = {
        "key": _text("The citation key."),
        "title": _text(),
        "message": _text("What is wrong, or why there was no answer."),
        "citations": citations,
    }
    page = _object(
        "A page.",
        path=_PATH,
        sources=_number("How many sources it cites."),
        doubts=_list(
            _object("A doubtful source.", rule=_text("The rule that says so."), **source), "The gravest first."
        ),
        unanswered=_list(_object("A source about which there was no answer.", **source)),
        without_identifier=_number(
            "How many of its sources have no DOI, arXiv id or PubMed id, and were not looked up."
        ),
        without_source=_list(
            _object("A work that the bibliography lacks.", label=_text(), address=_text(), citations=citations)
        ),
    )
    envelope = _object(
        "A run.",
        **_VERSION_AND_TOOL,
        pages=_list(page, "Pages with something doubtful, the most doubtful first."),
        summary=_object("Counts.", pages=_number("All of them."), doubtful=_number("Those with a doubtful source.")),
    )
    return {"$schema": _DIALECT, "title": "wikitools bib verify --by-page --output-format json", **envelope}
