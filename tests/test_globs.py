"""Patterns of ignore files mean what git says that they mean, and none takes longer than its path is long."""

from __future__ import annotations

import fnmatch
import os
import random
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from wikitools.globs import IgnoreList, TooManyPatternsError, path_test, text_test

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PATHS = [
    *("a", "b.md", "ab/c.md", "ab/a/b.md", "a b/c", "é.md", "ab/é", "x/y/z.md", "x/b.md", "foo/bar", "foox/y/bar"),
    *("]/a", "-", "[", "*", "#a", "!a", "back\\slash", "x/foo/a/b/bar.md", "trail /a", "deep/er/than/this/a.md"),
]
PATTERNS = [
    *("a", "/a", "a/", "*.md", "/*.md", "*", "?", "é*", "?.md", "??.md", "ab/*", "ab/**", "**/b.md", "x/**/z.md"),
    *("**", "**/", "/**", "x/**/b.md", "foo**/bar", "foo**", "f*o/bar", "*/a", "*/*/a.md", "[ab]", "[!a]", "[^a]*"),
    *("[]]", "[-]", "[[]", "[a-c]*", "[z-a]", "[a", "[[:alpha:]]", "[[:nope:]]", "[[:]", "[\\]]", "[[:alpha:]-z]"),
    *(
        "\\*",
        "\\#a",
        "#a",
        "\\!a",
        "!a",
        "back\\\\slash",
        "a\\",
        "trail\\ ",
        "trail ",
        "a b",
        "a/b/",
        "x//",
        "//x",
        "/",
    ),
    *("*.md\r", "a**b", "**a", "ab/**/b.md", "**/foo/**/bar.md", "deep/**/this/*.md", "deep/*/this", "", "!", "!/"),
]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with files at all paths."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    top = tmp_path_factory.mktemp("ignore")
    subprocess.run(("git", "init", "-q", top), check=True)
    for path in PATHS:
        place = top / path
        if not place.parent.is_file() and not place.is_dir():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("")
    return top


def git_ignores(top: Path, lines: Sequence[str]) -> set[str]:
    """Return which files git ignores by these patterns."""
    (top / ".gitignore").write_bytes("".join(f"{line}\n" for line in lines).encode())
    files = [path for path in PATHS if (top / path).is_file()]
    command = ("git", "-C", os.fspath(top), "check-ignore", "--no-index", "--stdin", "-z")
    said = subprocess.run(command, input="\0".join(files).encode(), capture_output=True, check=False).stdout
    return {os.fsdecode(path) for path in said.split(b"\0") if path}


def we_ignore(top: Path, lines: Sequence[str]) -> set[str]:
    """Return which files we ignore by these patterns."""
    patterns = IgnoreList(lines)
    return {path for path in PATHS if (top / path).is_file() and patterns.ignores(path, is_folder=False)}


def test_each_pattern_means_what_git_says(repository: Path) -> None:
    wrong = {each for each in PATTERNS if git_ignores(repository, [each]) != we_ignore(repository, [each])}
    assert not wrong


def test_lists_mean_what_git_says(repository: Path) -> None:
    rng = random.Random(3)
    for _ in range(60):
        lines = ["*"] * rng.randint(0, 1) + [rng.choice(("", "!")) + rng.choice(PATTERNS) for _ in range(4)]
        assert we_ignore(repository, lines) == git_ignores(repository, lines), lines


def test_patterns_made_of_random_parts_mean_what_git_says(repository: Path) -> None:
    rng = random.Random(11)
    parts = [*("a", "b", "*", "**", "?", "/", "/**/", "**/", "[ab]", "[!b]", "\\", ".md", "foo", "x", "[", "]", " ")]
    for _ in range(60):
        lines = ["".join(rng.choice(parts) for _ in range(rng.randint(1, 5)))]
        assert we_ignore(repository, lines) == git_ignores(repository, lines), lines


@pytest.mark.parametrize(
    "pattern",
    [
        "*a*a*a*a*a*a*a*b",
        "?*a?*a?*a?*a?*b",
        "[a]*[a]*[a]*[a]*[a]*b",
        "**/a/**/a/**/a/**/a/**/b",
        "**/*a*a*a/**/*a*a*a/**/*a*b",
        "x**/a/**/a*a*a*b",
    ],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    began = time.process_time()
    for path in ("a" * 4000, "/".join(["a" * 100] * 40), "/".join("a" * 2000)):
        assert IgnoreList([pattern]).verdict(path, is_folder=False) is None
        assert not path_test(pattern)(path)
    # Seconds: a backtracking matcher needs more than the age of the universe.
    assert time.process_time() - began < 20


def test_brackets_in_globs_of_settings_are_brackets() -> None:
    assert path_test("[slug].md")("posts/[slug].md")
    assert not path_test("[slug].md")("posts/s.md")
    assert path_test("[sl]*.md", brackets=True)("posts/s.md")
    assert path_test("notes/")("notes/deep/a.md")
    assert not path_test("notes/")("other/notes/a.md")


def test_patterns_without_wildcards_do_not_count_towards_the_limit() -> None:
    many = [f"plain{number}" for number in range(20_000)] + [f"*.end{number}" for number in range(20_000)]
    assert IgnoreList(many).verdict("deep/x.end19999", is_folder=False)
    with pytest.raises(TooManyPatternsError, match=r"^1,001 patterns with wildcards, more than the limit of 1,000$"):
        IgnoreList(f"a*{number}b" for number in range(1001))


def test_patterns_of_texts_match_together_what_each_matches() -> None:
    dice = random.Random(4)
    signs = "ab<>$[]*?{}|1.\n/ É-"
    matches = 0
    for _round in range(2000):
        globs = tuple("".join(dice.choices(signs, k=dice.randint(0, 5))) for _ in range(dice.randint(0, 4)))
        text = "".join(dice.choices(signs, k=dice.randint(0, 6)))
        each = [fnmatch.fnmatchcase(text.lower(), glob.lower()) for glob in globs]
        assert text_test(globs)(text) == any(each), (globs, text)
        matches += any(each)
    assert matches > 50
