"""Comments that silence rules: what they cover, how unused and malformed ones are reported and removed."""

from __future__ import annotations

import time

import pytest
from growth import is_linear

from wikitools.lint.suppressions import Suppressions, find_suppressions
from wikitools.markdown.parse import parse
from wikitools.text import apply, line_starts

NAMES = ("broken-wikilink", "broken-anchor", "links", "anchors", "ALL")


def read(text: str) -> Suppressions:
    return find_suppressions(parse("page.md", text), line_starts(text), NAMES)


def silenced(text: str, rule: str = "broken-wikilink", group: str = "links") -> str:
    """Return which of the letters X in a text are silenced, as a word: "X" heard, "." silenced."""
    places = [(offset, rule, group) for offset, letter in enumerate(text) if letter == "X"]
    return "".join("." if silent else "X" for silent in read(text).silences(places))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X\n", "X"),
        ("<!-- wikitools-ignore-next-line broken-wikilink -->\nX\nX\n", ".X"),
        ("<!-- wikitools-ignore-next-line broken-wikilink -->\n\n  \nX\nX\n", ".X"),
        ("<!-- wikitools-ignore-next-line broken-wikilink -->\r\nX\r\nX\r\n", ".X"),
        ("<!-- wikitools-ignore-next-line links -->\nX X\n", ".."),
        ("<!-- wikitools-ignore-next-line ALL -->\nX\n", "."),
        ("<!-- wikitools-ignore-next-line -->\nX\n", "."),
        ("<!-- wikitools-ignore-next-line anchors -->\nX\n", "X"),
        ("<!-- wikitools-ignore-next-line anchors, broken-wikilink -- planned -->\nX\n", "."),
        ("<!-- wikitools-ignore-next-line anchors -- broken-wikilink -->\nX\n", "X"),
        ("<!-- wikitools-ignore-next-line anchors --\nbroken-wikilink -->\nX\n", "X"),
        ("<!--wikitools-ignore-next-line broken-wikilink-->\nX\n", "."),
        ("<!-- wikitools-ignore-next-line broken-wikilink\n-- two lines -->\nX\nX\n", ".X"),
        (
            "<!-- wikitools-ignore-next-line links -->\n<!-- wikitools-ignore-next-line anchors -->\nX\nX\n",
            ".X",
        ),
        ("<!-- wikitools-ignore-next-line links -->", ""),
        ("text X <!-- wikitools-ignore-line links -->\nX\n", ".X"),
        ("X\n\n<!-- wikitools-ignore links -->\nX\n\n<!-- wikitools-ignore-end -->\nX\n", "X.X"),
        (
            "<!-- wikitools-ignore links -->\nX\n\n<!-- wikitools-ignore anchors -->\nX\n\n"
            "<!-- wikitools-ignore-end -->\nX\n\n<!-- wikitools-ignore-end -->\nX\n",
            "...X",
        ),
        ("X <!-- wikitools-ignore links -->X<!-- wikitools-ignore-end --> X\n", "X.X"),
        ("X\n\n<!-- wikitools-ignore links -->\nX\n", "X."),
        ("X\n\n<!-- wikitools-ignore-file broken-wikilink -->\n\nX\n", ".."),
        ("`<!-- wikitools-ignore-line links -->` X\n", "X"),
        ("```\n<!-- wikitools-ignore-file links -->\n```\nX\n", "X"),
        ("<!-- wikitools-ignore-next-line brokn-wikilink -->\nX\n", "X"),
    ],
)
def test_what_a_comment_silences(text: str, expected: str) -> None:
    assert silenced(text) == expected


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (
            "<!-- wikitools-ignore-line brokn-wikilink -->",
            "brokn-wikilink",
            'no rule or group is named "brokn-wikilink"; did you mean "broken-wikilink"?',
        ),
        ("<!-- wikitools-ignore-line xyzzy -->", "xyzzy", 'no rule or group is named "xyzzy"'),
        ("<!-- wikitools-ignore-line links page planned -->", "page", 'no rule or group is named "page"'),
        (
            "<!-- wikitools-ignor-line links -->",
            "<!-- wikitools-ignor-line links -->",
            '"wikitools-ignor-line" silences nothing; did you mean "wikitools-ignore-line"?',
        ),
        (
            "<!-- wikitools-ignore links -->",
            "<!-- wikitools-ignore links -->",
            "this range never ends: no <!-- wikitools-ignore-end --> follows on the page",
        ),
        (
            "<!-- wikitools-ignore-end -->",
            "<!-- wikitools-ignore-end -->",
            "there is no range to end: no <!-- wikitools-ignore … --> is open here",
        ),
    ],
)
def test_what_is_said_of_a_broken_comment(text: str, place: str, message: str) -> None:
    problem = read(text).problems[0]
    assert (problem.span.of(text), problem.message, problem.kind) == (place, message, "malformed-suppression")


@pytest.mark.parametrize(
    "text",
    [
        "<!-- a comment -->",
        "<!-- wikitools:sources -->",
        "<!-- /wikitools:sources -->",
        "<!-- wikitools-ignore-line links -- wikitools-ignore is documented elsewhere -->",
        "<!-- wikitools-ignore links --> <!-- wikitools-ignore-end links -->",
        "<!-- see wikitools-ignore-lines -->",
    ],
)
def test_sound_comments_are_not_complained_of(text: str) -> None:
    assert read(text).problems == ()


def removed(text: str, *, rounds: int = 1) -> str:
    for _ in range(rounds):
        suppressions = read(text)
        list(suppressions.silences([]))
        edits = [edit for each in suppressions.unused(lambda name: True) if each.fix for edit in each.fix.edits]
        text = apply(text, edits)
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A\n\n<!-- wikitools-ignore-next-line links -->\nB\n", "A\n\nB\n"),
        ("A\r\n\r\n<!-- wikitools-ignore-next-line links -->\r\nB\r\n", "A\r\n\r\nB\r\n"),
        ("\ufeff<!-- wikitools-ignore-file links -->\nB\n", "\ufeffB\n"),
        ("<!-- wikitools-ignore-file links -->", ""),
        # The comment parts two paragraphs; the blank line in its place does so too.
        ("A\n<!-- wikitools-ignore-next-line links -->\nB\n", "A\n\nB\n"),
        ("A\n<!-- wikitools-ignore-next-line links -->", "A\n"),
        ("A <!-- wikitools-ignore-line links -->\nB\n", "A\nB\n"),
        ("A <!-- wikitools-ignore-line links --> B\n", "A B\n"),
        ("A<!-- wikitools-ignore-line links -->B\n", "AB\n"),
        ("A\n\n<!-- wikitools-ignore links -->\nB\n\n<!-- wikitools-ignore-end -->\n", "A\n\nB\n\n"),
        # HTML to a renderer up to the line's end: it would become Markdown.
        ("<!-- wikitools-ignore-line links --> B\n", "<!-- wikitools-ignore-line links --> B\n"),
    ],
)
def test_how_an_idle_comment_is_removed(text: str, expected: str) -> None:
    assert removed(text) == expected


def test_one_idle_name_of_several_is_taken_out_with_its_comma() -> None:
    def left(idle: str) -> str:
        text = "<!-- wikitools-ignore-file broken-wikilink, links, broken-anchor -- why -->\n"
        unused = read(text).unused(lambda name: name == idle)
        return apply(text, [edit for each in unused if each.fix for edit in each.fix.edits])

    assert left("broken-wikilink") == "<!-- wikitools-ignore-file links, broken-anchor -- why -->\n"
    assert left("links") == "<!-- wikitools-ignore-file broken-wikilink, broken-anchor -- why -->\n"
    assert left("broken-anchor") == "<!-- wikitools-ignore-file broken-wikilink, links -- why -->\n"


def test_the_closest_comment_is_the_one_that_is_used() -> None:
    text = "<!-- wikitools-ignore-file links -->\n\nX <!-- wikitools-ignore-line links -->\n"
    suppressions = read(text)
    assert list(suppressions.silences([(text.index("X"), "broken-wikilink", "links")])) == [True]
    assert [each.span.start for each in suppressions.unused(lambda name: True)] == [0]


def test_names_whose_rules_did_not_run_are_not_judged() -> None:
    suppressions = read("<!-- wikitools-ignore-file links, anchors -->\n")
    assert [each.name for each in suppressions.unused(lambda name: name == "anchors")] == ["anchors"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "<!-- wikitools-ignore links -->",
        "<!-- wikitools-ignore-line links --> ",
        "<!-- wikitools-ignore-next-line links -->\n",
        "x<!-- wikitools-ignore-next-line links -->",
        "<!-- wikitools-ignore-end -->",
        "<!-- wikitools- -->",
    ],
)
def test_many_comments_take_linear_time(piece: str) -> None:
    def seconds(count: int) -> float:
        text = piece * count
        page = parse("page.md", text)
        starts = line_starts(text)
        begin = time.process_time()
        suppressions = find_suppressions(page, starts, NAMES)
        list(suppressions.silences((offset, "broken-wikilink", "links") for offset in range(0, len(text), 7)))
        list(suppressions.unused(lambda name: True))
        return time.process_time() - begin

    assert is_linear(seconds, 1_000, times=8)
