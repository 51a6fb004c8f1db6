"""Pages that are hard to report, and ways to report them."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import jsonschema
import junitparser
import pytest
import xmlschema

from wikitools.lint.rule import Severity, load_rules
from wikitools.lint.run import Diagnostic
from wikitools.report import markdown
from wikitools.report.formats import FORMATS
from wikitools.report.schemas import (
    lint_line_schema,
    lint_schema,
)
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable

VALIDATORS = Path(__file__).parent.parent / "validators"

MULTITOOL = VALIDATORS / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"

SARIF_SCHEMA = MULTITOOL.with_name("sarif-2.1.0.json")

ALL = tuple(FORMATS)

FOR_PROGRAMS = tuple(name for name, each in FORMATS.items() if not each.for_people)

LONG = "word " * 1000 + "[[Gone]]" + " word" * 1000

PAGES: dict[str, tuple[bytes, bytes]] = {
    "ordinary": (b"a.md", b"# A\n\nSee [[Gone]] and more.\n"),
    "escape sequences": (b"a.md", b"\x1b[2J [[bad\x1b[31mname]] \x07 \x1b]8;;http://x\x07 \x08\x0c\n"),
    "c1": (b"a.md", "\x9b31m [[bad\x9b31mname]] \x85 \x90\n".encode()),
    "bidi": (b"a.md", "\u202e [[bad\u202ename\u2066]] \u200f\u061c \u2028 [[b\u2029c]]\n".encode()),
    "commands": (
        b"a.md",
        b"::error::x [[::error::y]]\n##[error]x ##vso[task.x] [x](##[error]y.md)\n[[::add-mask::z]]\n",
    ),
    "end of cdata": (b"a.md", b"]]> [x](a]]%3Eb.md) <![CDATA[ [x](%3C!--.md) &amp; [x](%26lt;.md)\n"),
    "cjk": (b"a.md", "日本語の [[語彙]] と [[한국어]]。\n".encode()),
    "emoji": (
        b"a.md",
        "\U0001f600 [[\U0001f468\u200d\U0001f469\u200d\U0001f467 page]] \U0001f1e9\U0001f1ea e\u0301\n".encode(),
    ),
    "tabs": (b"a.md", b"- a\tb\n\t- c\t[[Gone\there]]\td\n"),
    "crlf": (b"a.md", b"# A\r\n\r\none [[Gone]]\r\ntwo [[Gone\r\nthere]]\r\n"),
    "cr": (b"a.md", b"# A\r\rone [[Gone]]\rtwo\r"),
    "byte order mark": (b"a.md", b"\xef\xbb\xbf[[Gone]] after\n"),
    "invalid utf-8": (b"a.md", b"# A\n\ncaf\xe9 [[Gone\xff]] \xc3\n"),
    "nul": (b"a.md", b"a\0b [[Go\0ne]]\n"),
    "noncharacters": (b"a.md", "\ufffe [[x\uffffy]] \U000e0041\n".encode()),
    "long line": (b"a.md", LONG.encode()),
    "long target": (b"a.md", b"[[" + b"x" * 5000 + b"]]\n"),
    "markup": (b"a.md", b"[[<script>alert(1)</script> @octocat #12 | x]] [[a\"b'c&d]] [/] [[*_`$x$~]]\n"),
    "no end of line": (b"a.md", b"[[Gone]]"),
    "a name with signs": (b"a b%20c#d,e:f.md", b"[[Gone]]\n"),
    "a name in quotes": (b"a\"b'<c>&d|e.md", b"[[Gone]]\n"),
    "a name with a line end": (b"new\nline\r.md", b"[[Gone]]\n"),
    "a name that is a command": (b"::error::x.md", b"[[Gone]]\n"),
    "a name with a command": (b"##[group]x.md", b"[[Gone]]\n"),
    "a name with control characters": (b"a\x1b[31m\x9b\xe2\x80\xaeb.md", b"[[Gone]]\n"),
    "a name that is not utf-8": (b"caf\xe9.md", b"[[Gone]]\n"),
}

Lint = "Callable[..., tuple[int, str, str]]"


def put(kind: str, folder: str = "") -> bytes:
    """Write the page of this kind and return its path in the wiki."""
    name, data = PAGES[kind]
    path = os.path.join(b"wiki", folder.encode(), name)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
    except OSError:
        pytest.skip("the file system has no such names")
    return os.path.relpath(path, b"wiki")


# Every format on every page


def diagnostics_of(text: str) -> list[dict[str, Any]]:
    data = json.loads(text)
    jsonschema.validate(data, strict(lint_schema()))
    return list(data["diagnostics"])


def strict(schema: Any) -> Any:
    """Return a schema that allows no field which it does not name: so that none is left undocumented."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(each) for key, each in schema.items()}
    return closed | ({"additionalProperties": False} if "properties" in schema else {})


def read_lines(text: str) -> int:
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        jsonschema.validate(line, strict(lint_line_schema()))
    assert [lines[0]["kind"], lines[-1]["kind"]] == ["run", "summary"]
    return len(lines) - 2


COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")

ESCAPES = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}


def commands_of(text: str) -> list[SimpleNamespace]:
    """Read workflow commands as GitHub's runner does (ActionCommand.cs)."""
    found = []
    for line in text.splitlines():
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = dict(pair.partition("=")[::2] for pair in match[2].split(","))
        decoded = {key: re.sub("%..", lambda code: ESCAPES[code[0]], value) for key, value in properties.items()}
        found.append(SimpleNamespace(kind=match[1], message=match[3], **decoded))
    return found


def read_github(text: str) -> int:
    found = commands_of(text)
    assert not any("##[" in each.message for each in found)
    return len(found)


def read_gitlab(text: str) -> int:
    found = json.loads(text)
    jsonschema.validate(found, json.loads((VALIDATORS / "gitlab.json").read_text()))
    assert len({each["fingerprint"] for each in found}) == len(found)
    assert not any(each["location"]["path"].startswith(("/", "./")) for each in found)
    return len(found)


@cache
def junit_schema() -> Any:
    return xmlschema.XMLSchema(str(VALIDATORS / "junit-10.xsd"))


def read_junit(text: str) -> int:
    junit_schema().validate(ET.ElementTree(ET.fromstring(text.encode())))
    root = junitparser.JUnitXml.fromstring(text.encode())
    suites = list(root)
    assert suites
    for suite in suites:
        cases = list(suite)
        assert len(cases) == suite.tests > 0
        assert suite.failures == sum(any(isinstance(r, junitparser.Failure) for r in case.result) for case in cases)
        assert suite.skipped == sum(any(isinstance(r, junitparser.Skipped) for r in case.result) for case in cases)
        assert len({case.name for case in cases}) == len(cases)
    assert root.tests == sum(suite.tests for suite in suites)
    return sum(len(case.result) for suite in suites if suite.name != "wikitools" for case in suite)


def read_sarif(text: str) -> int:
    log = json.loads(text)
    if SARIF_SCHEMA.exists():
        sarif_validator().validate(log)
    (only,) = log["runs"]
    rules = only["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(load_rules())
    for result in only["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri), uri
        assert re.fullmatch(r"[0-9a-f]{1,16}:[1-9]\d*", result["partialFingerprints"]["primaryLocationLineHash"])
    return len(only["results"])


@cache
def sarif_validator() -> Any:
    schema = json.loads(SARIF_SCHEMA.read_text(encoding="utf-8-sig"))
    return jsonschema.validators.validator_for(schema)(schema)


def read_rdjson(text: str) -> int:
    data = json.loads(text)
    assert data["source"] == {"name": "wikitools"}
    for each in data["diagnostics"]:
        assert each["message"]
        where = each["location"]["range"]
        assert (where["start"]["line"], where["start"]["column"]) <= (where["end"]["line"], where["end"]["column"])
    return len(data["diagnostics"])


def read_markdown(text: str) -> int:
    assert text.startswith(markdown.MARK)
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 5, row
        assert not re.search(r"(?<!\\)[<\[*_`$~](?!!-- -->)", row), row
    return len(rows)


READERS: dict[str, Callable[[str], int]] = {
    "full": lambda text: len(re.findall(r"^(?:error|warning|info)\[", text, re.MULTILINE)),
    "concise": lambda text: len(re.findall(r":\d+:\d+: (?:error|warning|info)\[[a-z-]+\] ", text)),
    "grouped": lambda text: len(re.findall(r"^ +\d+:\d+  (?:error|warning|info)", text, re.MULTILINE)),
    "json": lambda text: len(diagnostics_of(text)),
    "json-lines": read_lines,
    "github": read_github,
    "gitlab": read_gitlab,
    "junit": read_junit,
    "sarif": read_sarif,
    "rdjson": read_rdjson,
    "markdown": read_markdown,
}


def found(number: int = 1, **more: Any) -> Diagnostic:
    settings: dict[str, Any] = {
        "rule": "broken-wikilink",
        "group": "links",
        "severity": Severity.ERROR,
        "path": "a.md",
        "span": Span("a.md", 0, 1),
        "message": 'no page is named "x"',
        "subject": "x",
    }
    return Diagnostic(**{**settings, **more}, line=number, column=1, end_line=number, end_column=2)
