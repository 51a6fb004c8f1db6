"""What the configuration says that citations mean, and how `cite --ambiguous --fix` asks for it."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from tests.program import environment, on_terminal
from wikitools.config import ConfigError
from wikitools.config.added_meanings import add_meanings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMITHS = """\
@article{smith-apples, author = {Smith, Ann}, title = {Apples}, year = {2020}, url = {https://example.org/apples}}
@article{smith-pears, author = {Smith, Bob}, title = {Pears}, year = {2020}, url = {https://example.org/pears}}
"""
MEANS = '[citations.means]\n"Smith 2020" = "smith-pears"\n'


@pytest.fixture
def wiki(tmp_path: Path) -> Callable[..., Path]:
    def make(**files: str) -> Path:
        for name, text in {"references.bib": SMITHS, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return make


def cited(call: Any, root: Path) -> list[tuple[str, str, list[str]]]:
    code, out, _err = call("cite", "--output-format", "json-lines", str(root))
    assert code == 0
    return [(row["text"], row["status"], row["keys"]) for row in map(json.loads, out.splitlines())]


def test_the_configuration_settles_what_pages_leave_open(wiki: Callable[..., Path], call: Any) -> None:
    text = "It was found (Smith, 2020). Smith's (2020) data. Smith (2020) and (Smith 2021).\n"
    root = wiki(**{"a.md": text, "wikitools.toml": MEANS})
    assert cited(call, root) == [
        ("Smith, 2020", "matched", ["smith-pears"]),
        ("Smith's (2020)", "matched", ["smith-pears"]),
        ("Smith (2020)", "matched", ["smith-pears"]),
        ("Smith 2021", "unmatched", []),
    ]
    _code, out, _err = call("cite", "--output-format", "json-lines", str(root))
    row = json.loads(out.splitlines()[0])
    assert row["evidence"] == ["authors and year", "the configuration"]
    assert row["losers"] == [{"key": "smith-apples", "why": "the configuration means another work"}]
    call("backfill", "--init", str(root))
    assert "[Pears](https://example.org/pears)" in (root / "a.md").read_text(encoding="utf-8")


def test_what_a_page_says_itself_takes_precedence(wiki: Callable[..., Path], call: Any) -> None:
    text = "A link decides: [Smith 2020](https://example.org/apples); so does a key [@smith-apples].\n"
    root = wiki(**{"a.md": text, "wikitools.toml": MEANS})
    assert {tuple(keys) for _text, _status, keys in cited(call, root)} == {("smith-apples",)}


def test_a_meaning_that_nothing_needs_is_told(wiki: Callable[..., Path], call: Any) -> None:
    lines = ("Smith 2020", "smith-pears"), ("Smyth & Orr 2021", "smith-pears"), ("Smith et al. 2020", "smith-plums")
    table = "".join(f"{json.dumps(form)} = {json.dumps(key)}\n" for form, key in lines)
    root = wiki(**{"a.md": "It was found (Smith, 2020).\n", "wikitools.toml": f"[citations.means]\n{table}"})
    for typed in (["lint"], ["lint"], ["lint", "--no-cache"], ["backfill"]):
        said = call(*typed, str(root))[2].splitlines()
        assert [line.partition(": ")[2].partition(": ")[2] for line in said] == [
            '"Smyth & Orr 2021" in means of [citations]: no page has this citation',
            '"Smith et al. 2020" in means of [citations]: no page has this citation',
            '"Smith et al. 2020" in means of [citations]: no source has the key "smith-plums"',
        ], typed
    for typed in (["-q", root], [root / "a.md"], ["--select", "broken-wikilink", root]):
        assert "warning" not in call("lint", *map(str, typed))[2]


def test_a_changed_meaning_is_no_old_answer_from_the_cache(wiki: Callable[..., Path], call: Any) -> None:
    root = wiki(**{"a.md": "It was found (Smith 2020).\n"})
    assert cited(call, root)[0][1] == "ambiguous"
    (root / "wikitools.toml").write_text(MEANS, encoding="utf-8")
    assert cited(call, root)[0][1:] == ("matched", ["smith-pears"])
    (root / "wikitools.toml").write_text(MEANS.replace("pears", "apples"), encoding="utf-8")
    assert cited(call, root)[0][1:] == ("matched", ["smith-apples"])


def test_a_meaning_that_no_source_has_is_said(wiki: Callable[..., Path], call: Any) -> None:
    root = wiki(**{"a.md": "It was found (Smith 2020).\n", "wikitools.toml": MEANS.replace("pears", "plums")})
    code, out, _err = call("lint", "--output-format", "concise", str(root))
    assert code == 1
    assert '"Smith 2020" means "smith-plums" by the configuration, and no source has this key' in out


def test_extended_configurations_add_up(wiki: Callable[..., Path], call: Any) -> None:
    root = wiki(
        **{
            "a.md": "It was found (Smith 2020).\n",
            "base.toml": MEANS,
            "wikitools.toml": 'extend = "base.toml"\n[citations.means]\n"Jones 1999" = "jones"\n',
        }
    )
    assert cited(call, root)[0][1:] == ("matched", ["smith-pears"])
    _code, out, _err = call("config", "show", "--changed", str(root))
    assert tomllib.loads(out)["citations"] == {"means": {"Smith 2020": "smith-pears", "Jones 1999": "jones"}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("citations = 1\n", '"citations" must be a table, not 1'),
        ("[citations]\nmeans = 1\n", '"means" must be a table, not 1'),
        ('[citations.means]\n"Smith 2020" = 1\n', '"Smith 2020" must be text, not 1'),
        ("[citations]\nmean = {}\n", 'unknown key "mean" in "citations"; did you mean "means"?'),
    ],
)
def test_wrong_tables_are_said(wiki: Callable[..., Path], call: Any, text: str, message: str) -> None:
    root = wiki(**{"a.md": "# A\n", "wikitools.toml": text})
    code, _out, err = call("lint", str(root))
    assert code == 2
    assert message in err


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("wikitools.toml", "", '[citations.means]\n"A 1" = "b"\n'),
        ("wikitools.toml", "exclude = []", 'exclude = []\n\n[citations.means]\n"A 1" = "b"\n'),
        (
            "wikitools.toml",
            '[citations.means]  # ours\n"C 2" = "d"\n[block]\n',
            '[citations.means]  # ours\n"A 1" = "b"\n"C 2" = "d"\n[block]\n',
        ),
        (
            "pyproject.toml",
            "[tool.wikitools]\n",
            '[tool.wikitools]\n\n[tool.wikitools.citations.means]\n"A 1" = "b"\n',
        ),
    ],
)
def test_meanings_are_added_to_the_file(path: str, text: str, wanted: str) -> None:
    assert add_meanings(path, text, {"A 1": "b"}) == wanted


@pytest.mark.parametrize("text", ['[citations]\nmeans = {"C 2" = "d"}\n', '[citations.means]\n"A 1" = "c"\n'])
def test_another_form_of_the_table_is_left_alone(text: str) -> None:
    with pytest.raises(ConfigError, match=r'add by hand:\n"A 1" = "b"'):
        add_meanings("wikitools.toml", text, {"A 1": "b"})


# Questions on a terminal


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        pytest.param(
            "It was found (Smith 2020). So (Smith 2020).\n",
            "It was found ([Smith 2020](https://example.org/pears)). So (Smith 2020).\n",
            id="a link to the address",
        ),
        pytest.param(
            "Others do it so [@doe]. It was found (see Smith 2020, p. 3). Smith (2020) said it.\n",
            "Others do it so [@doe]. It was found [see @smith-pears, p. 3]. Smith (2020) said it.\n",
            id="a key, which settles the rest of the page",
        ),
        pytest.param(
            "Others do it so [@doe]. Smith (2020) said it.\n",
            "Others do it so [@doe]. @smith-pears said it.\n",
            id="a key within the sentence",
        ),
        pytest.param(
            "Others do it so: [[jones|Jones 1999]]. It was found (Smith 2020).\n",
            "Others do it so: [[jones|Jones 1999]]. It was found ([Smith 2020](https://example.org/pears)).\n",
            id="no note to link to",
        ),
    ],
)
def test_answers_are_written_on_the_pages(wiki: Callable[..., Path], call: Any, page: str, wanted: str) -> None:
    others = "@article{doe, author = {Doe, Eve}, title = {Bees}, year = {2001}}\n"
    note = "---\ntitle: Plums\nauthor: Jones, Cy\nyear: 1999\ntype: source\n---\n"
    root = wiki(**{"a.md": page, "references.bib": SMITHS + others, "notes/jones.md": note})
    code, screen = on_terminal("cite", "--ambiguous", "--fix", cwd=root, environment=environment(), typed="2\np\n")
    assert code == 0, screen
    assert (root / "a.md").read_text(encoding="utf-8") == wanted
    assert re.search(r"\d citations? settled, in 1 page", screen)
    assert not [row for row in cited(call, root) if row[1] == "ambiguous"]


@pytest.mark.slow
def test_a_letter_is_written_where_the_sources_have_letters(wiki: Callable[..., Path], call: Any) -> None:
    text = SMITHS.replace("Bob", "Ann").replace("{2020}", "{2020a}", 1)
    root = wiki(**{"a.md": "It was found (Smith 2020).\n", "references.bib": text.replace("{2020}", "{2020b}")})
    code, screen = on_terminal("cite", "--ambiguous", "--fix", cwd=root, environment=environment(), typed="2\np\n")
    assert code == 0, screen
    assert (root / "a.md").read_text(encoding="utf-8") == "It was found (Smith 2020b).\n"


@pytest.mark.slow
def test_answers_are_written_into_the_configuration(wiki: Callable[..., Path], call: Any) -> None:
    root = wiki(**{"a.md": "It was found (Smith 2020).\n", "b.md": "So Smith (2020).\n"})
    code, screen = on_terminal("cite", "--ambiguous", "--fix", cwd=root, environment=environment(), typed="2\nc\n")
    assert code == 0, screen
    assert (root / "wikitools.toml").read_text(encoding="utf-8") == MEANS
    assert (root / "a.md").read_text(encoding="utf-8") == "It was found (Smith 2020).\n"
    assert {status for _text, status, _keys in cited(call, root)} == {"matched"}


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["q\n", "s\n", "x\n\n", ""])
def test_no_answer_changes_nothing(wiki: Callable[..., Path], typed: str) -> None:
    root = wiki(**{"a.md": "It was found (Smith 2020).\n"})
    code, screen = on_terminal("cite", "--ambiguous", "--fix", cwd=root, environment=environment(), typed=typed)
    assert code == 0, screen
    assert "nothing was changed" in screen
    assert not (root / "wikitools.toml").exists()


def test_questions_need_a_terminal(wiki: Callable[..., Path], call: Any) -> None:
    root = wiki(**{"a.md": "It was found (Smith 2020).\n"})
    code, _out, err = call("cite", "--ambiguous", "--fix", str(root))
    assert code == 2
    assert "needs a terminal" in err
    assert "[citations.means]" in err


def test_pages_that_changed_meanwhile_count_as_not_written(
    wiki: Callable[..., Path], call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = wiki(**{"a.md": "It was found (Smith 2020).\n", "b.md": "So Smith (2020).\n"})
    answers = iter(("2", "p"))

    def ask(*_question: object) -> str:
        (root / "a.md").write_text("Somebody else wrote.\n", encoding="utf-8")
        return next(answers)

    monkeypatch.setattr("wikitools.cli.cite_fix.ask", ask)
    monkeypatch.setattr("wikitools.cli.cite_fix.is_terminal", lambda _stream: True)
    code, _out, err = call("cite", "--ambiguous", "--fix", str(root))
    assert code == 2
    assert "1 citation settled, in 1 page\n" in err
    assert err.endswith("1 of 2 changed pages was not written\n")
    assert (root / "a.md").read_text(encoding="utf-8") == "Somebody else wrote.\n"
    assert (root / "b.md").read_text(encoding="utf-8") != "So Smith (2020).\n"


def test_a_page_without_a_manner_takes_that_of_most_citations(
    wiki: Callable[..., Path], call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = "---\ntitle: Pears\nauthor: Smith, Bob\nyear: 2020\ntype: source\n---\n"
    others = {"a.md": "Once by key [@smith-apples].\n", "b.md": "[[pears|Smith 2020]] and [[pears|Smith 2020]].\n"}
    bib = SMITHS[: SMITHS.index("@article{smith-pears")]
    root = wiki(**{**others, "z.md": "It was found (Smith 2020).\n", "references.bib": bib, "notes/pears.md": note})
    answers = iter(("1", "p"))
    monkeypatch.setattr("wikitools.cli.cite_fix.ask", lambda *_question: next(answers))
    monkeypatch.setattr("wikitools.cli.cite_fix.is_terminal", lambda _stream: True)
    code, _out, err = call("cite", "--ambiguous", "--fix", str(root))
    assert code == 0, err
    assert (root / "z.md").read_text(encoding="utf-8") == "It was found ([[pears|Smith 2020]]).\n"
