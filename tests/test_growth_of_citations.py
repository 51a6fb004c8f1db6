"""Many equal citations, and many works that fit them: time and output grow with the page, not with both."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from wikitools.cite.citation_codec import pack_cited, places_of, unpack_cited
from wikitools.lint.facts import facts_of
from wikitools.lint.fix.source_blocks import plan
from wikitools.wiki.resolution import Ambiguous

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Call

pytestmark = pytest.mark.slow


BLOCK = "<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n"


def word(number: int) -> str:
    """Return a word of letters that is another for each number."""
    letters = ""
    number += 1000
    while number:
        letters += "bcdfghklmnprstvz"[number % 16] + "aeiou"[number % 5]
        number //= 16
    return letters


def works(
    count: int,
    *,
    key: Callable[[int], str] = lambda number: f"k{number}",
    author: Callable[[int], str] = lambda _number: "Doe, Jane",
    title: Callable[[int], str] = lambda number: f"Work number {number} on {word(number)}",
    more: str = "",
) -> str:
    return "".join(
        f"@article{{{key(at)},\n author={{{author(at)}}},\n title={{{title(at)}}},\n year={{2020}},{more}\n}}\n"
        for at in range(count)
    )


def by_name(number: int) -> str:
    return f"{word(number).title()}, Ada"


GROWING: dict[str, Callable[[int], dict[str, str]]] = {
    "namesakes": lambda n: {"p.md": "See (Doe 2020).\n\n" * n + BLOCK, "r.bib": works(n)},
    "places": lambda n: {"p.md": "".join(f"Of {word(i)} (Doe 2020).\n\n" for i in range(n)), "r.bib": works(n)},
    "letters": lambda n: {"p.md": "".join(f"(Doe 2020{chr(97 + i % 9)}).\n\n" for i in range(n)), "r.bib": works(n)},
    "one key": lambda n: {"p.md": "See [@k].\n\n" * n + BLOCK, "r.bib": works(n, key=lambda _: "k")},
    "one address": lambda n: {
        "p.md": "[x](https://a.example/x) (Doe 2020)\n\n" * n,
        "r.bib": works(n, more=" url={https://a.example/x},"),
    },
    "one title": lambda n: {
        "p.md": "Progress and Poverty (2020).\n\n" * n,
        "r.bib": works(n, author=lambda _: "", title=lambda _: "Progress and Poverty"),
    },
    "one body": lambda n: {
        "p.md": "See (World Health Organization 2020).\n\n" * n,
        "r.bib": works(n, author=lambda at: f"{{World Health Organization {word(at)}}}"),
    },
    "one group": lambda n: {
        "p.md": "See (" + "; ".join(f"{word(i).title()} 2020" for i in range(n)) + ").\n" + BLOCK,
        "r.bib": works(n, author=by_name),
    },
    "keys in one group": lambda n: {"p.md": f"[{'; '.join(f'@k{i}' for i in range(n))}]\n{BLOCK}", "r.bib": works(n)},
    "authors": lambda n: {
        "p.md": "See (" + ", ".join(word(i).title() for i in range(n)) + " 2020).\n",
        "r.bib": works(1, author=lambda _: " and ".join(map(by_name, range(n)))),
    },
    "years": lambda n: {"p.md": "Doe (" + ", ".join(str(1900 + i % 100) for i in range(n)) + ").\n", "r.bib": works(5)},
    "forms": lambda n: {"p.md": "".join(f"(Doe 2020, p. {i}).\n\n" for i in range(n)) + BLOCK, "r.bib": works(1)},
    "footnotes": lambda n: {
        "p.md": "".join(f"x[^{i}]\n\n" for i in range(n)) + "".join(f"[^{i}]: Doe 2020, Work.\n" for i in range(n)),
        "r.bib": works(n),
    },
    "one footnote": lambda n: {
        "p.md": "x[^1] " * n + "\n\n[^1]: " + "; ".join(f"{word(i).title()} 2020" for i in range(n)) + "\n",
        "r.bib": works(n, author=by_name),
    },
    "aliases": lambda n: {
        "p.md": "Atlas (2020).\n\n" * n,
        "n.md": "---\ntitle: On maps\nauthors: [Doe, J]\nyear: 2020\naliases:\n"
        + "".join(f"- Atlas {word(i)}\n" for i in range(n))
        + "---\n",
    },
    "long titles": lambda n: {
        "p.md": "See (Doe 2020).\n\n" * 20,
        "r.bib": works(20, title=lambda at: " ".join(word(at + i) for i in range(n))),
    },
}


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions are called, those of the interpreter included."""
    count = 0

    def note(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", GROWING)
def test_work_grows_with_the_page(name: str) -> None:
    def work(times: int) -> Callable[[], object]:
        files = GROWING[name](times)
        return lambda: plan(facts_of(files), "p.md")

    work(30)()
    few, many = calls_of(work(150)), calls_of(work(600))
    # Four times the wiki: four times the work. Quadratic would be sixteen.
    assert many < 6 * few


def test_few_are_ranked_and_told_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.bib").write_text(works(20))
    (tmp_path / "p.md").write_text("See (Doe 2020).\n")
    said = json.loads(call("cite", "--output-format", "json")[1])["citations"][0]
    assert (len(said["keys"]), said["more"], said["status"]) == (20, 0, "ambiguous")
    assert "more" not in call("cite")[1]


def test_of_many_the_first_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.bib").write_text(works(2000))
    (tmp_path / "p.md").write_text("See (Doe 2020).\n\n" * 300 + BLOCK)
    said = json.loads(call("cite", "--output-format", "json")[1])["citations"]
    assert {(tuple(each["keys"]), each["more"]) for each in said} == {(tuple(said[0]["keys"]), 1980)}
    assert said[0]["keys"] == sorted(f"k{at}" for at in range(2000))[:20]
    for arguments, told in [
        (["cite"], " or one of 1,980 more"),
        (["cite", "--output-format", "csv"], "; and 1,980 more"),
        (["lint", "--select", "ambiguous-citation"], "fits 2000 sources: k0, k1, k10 and 1997 more"),
        (["lint", "--select", "ambiguous-citation", "--output-format", "sarif"], "and 1997 more"),
        (["backfill", "--check", "-v"], " and 1,980 more)"),
    ]:
        out = call(*arguments)[1]
        assert told in out, arguments
        assert len(out) < 2_000_000


def test_candidates_are_packed_once_and_come_back_the_same() -> None:
    facts = facts_of({"p.md": "See (Doe 2020).\n\n" * 50, "r.bib": works(300)})
    cited, sources = facts.cited["p.md"], facts.bibliography.sources
    data = pack_cited(cited, places_of(sources))
    assert len(repr(data)) < 40_000
    assert unpack_cited("p.md", data, sources, lambda: cited) == cited
    assert isinstance(cited[-1].resolution, Ambiguous)
    assert len(cited[-1].resolution.candidates) == 300
