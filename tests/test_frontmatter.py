"""The YAML head: what is one, its values, its links, and what is wrong with it, each at its place."""

from __future__ import annotations

import datetime
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikitools.markdown.frontmatter import read_front_matter
from wikitools.markdown.parse import parse


def values(text: str) -> dict[str, object]:
    return {key: field.value for key, field in read_front_matter("a.md", text)[0].items()}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_places(newline: str, mark: str) -> None:
    lines = ["---", "title: 😀 a", "see: '[[x#y|z]], ![[e]]'", "list:", '  - "[[b]]"', "url: https://x.y/z", "---", "t"]
    text = mark + newline.join(lines)
    fields, span, wikilinks, weblinks, problems = read_front_matter("a.md", text)
    assert span is not None
    assert text[: span.end] == mark + newline.join(lines[:-1]) + newline
    assert span.start == len(mark)
    assert fields["title"].value == "😀 a"
    assert fields["title"].span.of(text) == "😀 a"
    assert fields["list"].value == ["[[b]]"]
    assert [link.span.of(text) for link in wikilinks] == ["[[x#y|z]]", "![[e]]", "[[b]]"]
    first = wikilinks[0]
    assert (first.target, first.anchor, first.label, first.in_front_matter) == ("x", "y", "z", True)
    assert [(link.span.of(text), link.url, link.syntax) for link in weblinks] == [
        ("https://x.y/z", "https://x.y/z", "front-matter")
    ]
    assert problems == ()


def test_scalars() -> None:
    text = """---
a: 1
b: 1.5
c: true
d: yes
e: 12:30
f: 2024-02-29
g: 2024-02-30
h:
i: ~
j: '5'
k: 0x1f
l: 2024-01-02T03:04:05Z
m: |
  two
  lines
n: {x: [1, y]}
o: !!python/object/apply:os.system [ls]
p: null
q: 9999999999999999999999
---
"""
    assert values(text) == {
        "a": 1,
        "b": 1.5,
        "c": True,
        "d": "yes",
        "e": "12:30",
        "f": datetime.date(2024, 2, 29),
        "g": "2024-02-30",
        "h": None,
        "i": None,
        "j": "5",
        "k": 31,
        "l": datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
        "m": "two\nlines\n",
        "n": {"x": [1, "y"]},
        "o": ["ls"],
        "p": None,
        "q": 9999999999999999999999,
    }


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("---\na: 1\n---\nb", "---\na: 1\n---\n"),
        ("---\na: 1\n...\nb", "---\na: 1\n...\n"),
        ("---\na: |\n  ---\n---", "---\na: |\n  ---\n---"),
        ("---\na: x --- y\n---  \n", "---\na: x --- y\n---  \n"),
        ("---\n---\n", "---\n---\n"),
        ("--- \n\n---\n", "--- \n\n---\n"),
    ],
)
def test_where_a_head_ends(text: str, head: str) -> None:
    _, span, _, _, problems = read_front_matter("a.md", text)
    assert span is not None
    assert (span.of(text), problems) == (head, ())


@pytest.mark.parametrize("text", ["", "a\n---\n", " ---\na: 1\n---\n", "----\n", "---a\n---\n", "\n---\na: 1\n---\n"])
def test_no_head(text: str) -> None:
    assert read_front_matter("a.md", text) == ({}, None, (), (), ())


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("---\na: 1\n", "---", "no closing line"),
        ("\ufeff---\na: 1", "---", "no closing line"),
        ("---\na: b: c\n---\n", "", "mapping values"),
        ("---\njust text\n---\n", "just text", "`key: value`"),
        ("---\na: \x07\n---\n", "\x07", "control character"),
        ("---\na: [\n---\n", "", "not valid YAML"),
        ("---\na: &a [*a]\n---\n", "&a [*a]", "too deep"),
        ("---\na: *b\n---\n", "", "alias"),
        ("---\na: " + "[" * 100_000 + "\n---\n", "[", "too deep"),
        ("---\na:\n " + "- " * 100_000 + "x\n---\n", "", "too deep"),
        ("---\na: " + "[" * 60 + "]" * 60 + "\n---\n", "[", "too deep"),
        ("---\na: " + "x" * 300_000 + "\n---\n", "", "larger than"),
    ],
)
def test_problems(text: str, at: str, says: str) -> None:
    *_, problems = read_front_matter("a.md", text)
    (problem,) = problems
    assert problem.kind == "invalid-front-matter"
    assert says in problem.message
    assert problem.span.of(text).startswith(at)


def test_alias_bomb_is_refused() -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    *_, problems = read_front_matter("a.md", "\n".join(["---", *rows, "---", ""]))
    assert "with aliases followed" in problems[0].message


def test_few_aliases_are_fine() -> None:
    assert values("---\na: &x [1, 2]\nb: *x\n---\n") == {"a": [1, 2], "b": [1, 2]}


def test_the_last_of_equal_keys_counts() -> None:
    assert values("---\na: 1\nb: 2\na: 3\n---\n") == {"a": 3, "b": 2}


def test_fields_of_a_broken_head() -> None:
    text = "---\ntitle: On: Mesa\ndate: 2024-01-01\nlist:\n  - a\nquoted: 'x'\n---\n"
    fields, _, _, _, problems = read_front_matter("a.md", text)
    assert len(problems) == 1
    assert text[problems[0].span.start] == ":"
    assert {key: (field.value, field.span.of(text)) for key, field in fields.items()} == {
        "title": ("On: Mesa", "On: Mesa"),
        "date": ("2024-01-01", "2024-01-01"),
        "quoted": ("x", "'x'"),
    }


def test_unquoted_wikilinks_are_lists_to_yaml() -> None:
    text = '---\na: [[x]]\nb: see [[y]]\nc: "[[z]]"\n---\n'
    _, _, wikilinks, _, _ = read_front_matter("a.md", text)
    assert [link.target for link in wikilinks] == ["z"]


def test_yaml_is_imported_only_for_a_head() -> None:
    code = (
        "import sys; from wikitools.markdown.parse import parse; parse('a.md', 'x [[y]]'); print('yaml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@given(st.text(alphabet="abc:-[]{}'\"|>&*!#%@`\n\r\t ,?~1x😀\ufeff\x00\\", max_size=80))
def test_any_head_is_read(body: str) -> None:
    text = f"---\n{body}\n---\nrest\n"
    fields, span, wikilinks, weblinks, problems = read_front_matter("a.md", text)
    assert span is not None
    assert span.end <= len(text)
    for place in [field.span for field in fields.values()] + [link.span for link in (*wikilinks, *weblinks)]:
        assert 0 <= place.start <= place.end <= span.end
    for problem in problems:
        assert problem.span.end <= len(text)


@pytest.mark.parametrize(
    ("head", "twins", "value"),
    [
        ("a: 1\nb: 2\na: 3\n", ["a"], 3),
        ("a: 1\n'a': [2]\na: 3\n", ["'a'", "a"], 3),
        ("a:\n  b: 1\n  b: 2\n", ["b"], {"b": 2}),
        ("a: {b: 1, b: 2}\nc: &x {d: 1, d: 2}\ne: *x\nf: *x\n", ["b", "d"], {"b": 2}),
        ("a: 1\nA: 2\n", [], 1),
        ("1: x\n'1': y\na: z\n", [], "z"),
    ],
)
def test_keys_that_stand_there_twice(head: str, twins: list[str], value: object) -> None:
    text = f"---\n{head}---\nText [[link]]\n"
    page = parse("a.md", text)
    assert [(problem.kind, problem.span.of(text)) for problem in page.problems] == [
        ("invalid-front-matter", twin) for twin in twins
    ]
    assert [problem.span.start for problem in page.problems] == sorted(problem.span.start for problem in page.problems)
    assert page.front_matter["a"].value == value
    assert len(page.links) == 1
