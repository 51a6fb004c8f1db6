"""What `--fix` repairs by itself is certainly what the author meant; all else waits for `--unsafe-fixes`."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from growth import is_linear

from wikitools import files
from wikitools.cli.app import run
from wikitools.lint.facts import facts_of
from wikitools.lint.fix.fixing import fix, lint
from wikitools.lint.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conftest import Call

LINKS = Policy(select=("links", "anchors"), ignore=("case-mismatch",))


def fixed(
    texts: Mapping[str, str], engine: str = "obsidian", *, unsafe: bool = False, rules: Policy = LINKS
) -> Mapping[str, str]:
    outcome = fix(
        facts_of(texts, engine=engine),
        rules,
        rebuild=lambda new: facts_of({**texts, **new}, engine=engine),
        unsafe=unsafe,
    )
    return outcome.texts


def messages(texts: Mapping[str, str], engine: str = "obsidian") -> list[str]:
    return [each.message for each in lint(facts_of(texts, engine=engine), LINKS).diagnostics]


COIN = {"coin/omga9000.md": "---\naliases: [OMGA, Omega Coin, T-cell, omega-coin]\n---\n# OMGA9000\n", "index.md": ""}
ALIASES = {
    "an acronym": ("[[omga|OMGA]] and [[OMGA]]", None),
    "two words to the letter": ("[[Omega Coin]]", "[[omga9000|Omega Coin]]"),
    "words in another case": ("[[omega coin]]", None),
    "a word and a letter": ("[[T-cell]]", None),
    "the name of a file": ("[[omega-coin]]", None),
    "the name of a file, with a label that names the page": ("[[omega-coin|omga9000]]", "[[omga9000|omga9000]]"),
    "the label is the title": ("[[omga|OMGA9000]]", "[[omga9000|OMGA9000]]"),
    "the label is no title": ("[[omga|the coin]]", None),
}


@pytest.mark.parametrize(("before", "after"), ALIASES.values(), ids=ALIASES)
def test_an_alias_is_certain_only_when_it_cannot_mean_anything_else(before: str, after: str | None) -> None:
    assert fixed({**COIN, "index.md": before}) == ({} if after is None else {"index.md": after})


def test_an_alias_that_names_something_else_as_well_is_not_certain() -> None:
    for other in ({"b.md": "---\naliases: [Omega Coin]\n---\n"}, {"b.md": "# Omega coin\n"}, {"x/omega-coin.md": ""}):
        assert fixed({**COIN, "index.md": "[[Omega Coin]]", **other}) == {}


@pytest.mark.parametrize(
    "line",
    ["no [[omga9000]]/[[Omega Coin]] page", "[[Omega Coin]] corrected to [[omga9000|it]]", "[[Omega Coin]] " * 60],
)
def test_a_name_that_stands_beside_the_page_means_something_else(line: str) -> None:
    assert fixed({**COIN, "index.md": line}) == {}
    assert fixed({**COIN, "index.md": "[[omga9000]]\n[[Omega Coin]]\n"}) != {}


@pytest.mark.parametrize(
    "text",
    [
        "[[Omega Coin]] has no page yet",
        "- stubs created: [[Omega Coin]]",
        "the page [[Omega Coin]] does not exist",
        "[[omga9000.md]] has the alias so that [[Omega Coin]] is found",
        "To be written:\n\n- [[Gold]]\n- [[Omega Coin]]\n",
        "## Missing pages\n\nMoney and coins.\n\n* [[Omega Coin]]\n",
        "noch nicht geschrieben: [[Omega Coin]]",
        "[[Omega Coin]] 待补",
        "[[coins/omga9000]] was planned",
    ],
)
def test_a_line_that_says_that_a_page_is_missing_stays_true(text: str) -> None:
    assert fixed({**COIN, "index.md": text}) == {}


def test_what_is_said_of_other_lines_is_no_hindrance() -> None:
    text = "## Missing pages\n\n- [[Gold]]\n\n## Money\n\nStubs are short.\n\nOf [[Omega Coin]].\n"
    assert fixed({**COIN, "index.md": text}) == {
        "index.md": text.replace("[[Omega Coin]]", "[[omga9000|Omega Coin]]"),
    }


def test_what_a_very_long_line_says_is_said_nearby() -> None:
    far = "word " * 2000
    assert fixed({"a da.md": "", "index.md": f"No page yet: [[a-da]] {far}"}) == {}
    assert fixed({"a da.md": "", "index.md": f"{far}[[a-da]] has no page yet. {far}"}) == {}
    assert fixed({"a da.md": "", "index.md": f"No page yet. {far}[[a-da]]"}) != {}


@pytest.mark.slow
@pytest.mark.parametrize("written", ["[[a-da]] ", "[x](y/tides.md) ", "- [[a-da]]\n", "no [[a-da]] "])
def test_many_repairs_on_one_line_take_time_in_proportion(written: str) -> None:
    def seconds(size: int) -> float:
        facts = facts_of({"a da.md": "", "x/tides.md": "", "index.md": written * size}, engine="obsidian")
        began = time.process_time()
        assert len(lint(facts, LINKS).diagnostics) == size
        return time.process_time() - began

    assert is_linear(seconds, 300, times=8)


SHOWN = {
    "a name at the start of a sentence": ("obsidian", "[[Estradiol]] binds", "[[estradiol|Estradiol]] binds"),
    "a path": ("obsidian", "[[Hormones/estradiol]]", "[[hormones/estradiol|Hormones/estradiol]]"),
    "a place on the page": ("obsidian", "[[Estradiol#Uses]]", None),
    "a table": ("obsidian", "| a |\n| - |\n| [[Estradiol]] |\n", "| a |\n| - |\n| [[estradiol\\|Estradiol]] |\n"),
    "an embed": ("obsidian", "![[Estradiol]]", "![[estradiol]]"),
    "a label": ("obsidian", "[[Estradiol|it]]", "[[estradiol|it]]"),
    "no labels in this engine": ("logseq", "[[Estradiol]]", None),
}


@pytest.mark.parametrize(("engine", "before", "after"), SHOWN.values(), ids=SHOWN)
def test_another_case_changes_nothing_that_readers_see(engine: str, before: str, after: str | None) -> None:
    texts = {"hormones/estradiol.md": "## Uses\n", "index.md": before}
    assert fixed(texts, engine, rules=Policy(select=("case-mismatch",))) == (
        {} if after is None else {"index.md": after}
    )


def test_dead_links_keep_the_words_that_readers_see() -> None:
    texts = {"satellite-cells.md": "", "Inner Alignment.md": "", "index.md": "[[Satellite cells]] [[inner-alignment]]"}
    assert fixed(texts) == {"index.md": "[[satellite-cells|Satellite cells]] [[Inner Alignment]]"}
    texts = {"estradiol.md": "", "index.md": "[[Estradiol]]"}
    assert fixed(texts, "quartz") == {"index.md": "[[estradiol|Estradiol]]"}


def test_a_title_of_one_word_is_not_certain() -> None:
    texts = {"index.md": "[[Chip]] [[Clonal Growth]]", "clonal.md": "# Chip\n", "growth.md": "# Clonal growth\n"}
    assert fixed(texts) == {"index.md": "[[Chip]] [[growth|Clonal Growth]]"}


PAGES = {
    "essays/tides.md": "",
    "essays/ab.md": "",
    "essays/overview.md": "",
    "essays/moon.md": "",
    "notes/moon.md": "",
    "notes/page.md": "",
    "notes/rains.md": "",
    "notes/sub/sun.md": "",
    "notes/sub/dew point.md": "",
    "other/sub/winds.md": "",
}
FOLDERS = {
    "no such folder": ("obsidian", "[[essay/tides]]", "[[essays/tides]]"),
    "a folder with pages": ("obsidian", "[[notes/tides]]", None),
    "the end of a folder's path": ("obsidian", "[[other/notes/tides]]", "[[essays/tides]]"),
    "a name that every folder has": ("obsidian", "[[essay/overview]]", None),
    "a name of two letters": ("obsidian", "[[essay/ab]]", None),
    "another language": ("obsidian", "[[zh/tides]]", None),
    "another number": ("obsidian", "[[v2/tides]]", None),
    "a wrong number of steps": ("markdown", "[x](../../essays/tides.md)", None),
    "a folder beside the page": ("markdown", "[x](sub/winds.md)", None),
    "the right folder": ("markdown", "[x](essays/tides.md)", "[x](../essays/tides.md)"),
    "beside the page, where both folders have a moon": ("markdown", "[x](tides.md)", None),
    "beside the page, and there is one elsewhere": ("markdown", "[x](winds.md)", None),
    "a name in another case as well": ("obsidian", "[[essay/Tides]]", None),
    "a step that is missing": ("markdown", "[x](sun.md)", "[x](sub/sun.md)"),
    "a step that is missing, and a dash": ("markdown", "[x](dew-point.md)", None),
    "a dash in the right folder": ("markdown", "[x](sub/dew-point.md)", "[x](sub/dew%20point.md)"),
    "a dash in a folder of that name": ("markdown", "[x](../other/sub/dew-point.md)", None),
    "a dash in a name without a folder": ("obsidian", "[[dew-point]]", "[[dew point]]"),
    "a dash in the end of a folder's path": ("obsidian", "[[sub/dew-point]]", "[[dew point]]"),
    "a dash in a folder that only ends alike": ("obsidian", "[[other/sub/dew-point]]", None),
}


@pytest.mark.parametrize(("engine", "before", "after"), FOLDERS.values(), ids=FOLDERS)
def test_a_page_to_be_written_is_not_a_page_in_a_wrong_folder(engine: str, before: str, after: str | None) -> None:
    texts = {**PAGES, "notes/page.md": before}
    assert fixed(texts, engine) == ({} if after is None else {"notes/page.md": after})


def test_a_path_that_misses_a_step_up_is_not_a_page_to_be_written() -> None:
    for before, after in (("[x](rains.md)", "[x](../rains.md)"), ("[x](Rains.md)", None), ("[x](tides.md)", None)):
        texts = {**PAGES, "notes/sub/wet.md": before}
        assert fixed(texts, "markdown") == ({} if after is None else {"notes/sub/wet.md": after})


TO_ITSELF = {
    "an alias": ("Own page.md", "---\naliases: [My Other Name]\n---\n[[My Other Name]]"),
    "a title": ("own.md", "# My own page\n[[My own page]]"),
    "a folder": ("essays/tides.md", "[[theory/tides]]"),
    "blanks": ("own page.md", "[[own-page]]"),
    "percents": ("own page.md", "[[own%20page]]"),
    "a near name": ("own pages.md", "[[own page]]"),
    "a path": ("essays/tides.md", "[x](../tides.md)"),
}


@pytest.mark.parametrize(("path", "text"), TO_ITSELF.values(), ids=TO_ITSELF)
def test_no_repair_leads_a_page_to_itself(path: str, text: str) -> None:
    assert fixed({path: text}, "markdown" if "](" in text else "obsidian", unsafe=True) == {}
    assert not any("did you mean" in message for message in messages({path: text}))


def test_a_redirect_back_to_the_page_is_no_repair() -> None:
    assert fixed({"new.md": "See [[old]].\n", "old.md": "Moved to [[new]].\n"}, unsafe=True) == {}


ORDER = {
    "a page's name as the label": ("obsidian", "[[ab-dollar|ABD]]", {"ABD.md": ""}, None, "[[ABD]]"),
    "Obsidian's order in Dendron": (
        "dendron",
        "[[new-york|New York]]",
        {"new-york.md": ""},
        "[[New York|new-york]]",
        "",
    ),
    "Obsidian's order in Gollum": ("gollum", "[[new-york|New York]]", {"new-york.md": ""}, "[[New York|new-york]]", ""),
    "Gollum's order in Obsidian": (
        "obsidian",
        "[[New York|new-york]]",
        {"new-york.md": ""},
        "[[new-york|New York]]",
        "",
    ),
    "other words in Dendron": ("dendron", "[[new-york|the city]]", {"new-york.md": ""}, None, "[[the city|new-york]]"),
}


@pytest.mark.parametrize(("engine", "before", "pages", "safely", "unsafely"), ORDER.values(), ids=ORDER)
def test_halves_are_swapped_only_where_they_say_the_same(
    engine: str, before: str, pages: dict[str, str], safely: str | None, unsafely: str
) -> None:
    texts = {**pages, "index.md": before}
    assert fixed(texts, engine) == ({} if safely is None else {"index.md": safely})
    assert fixed(texts, engine, unsafe=True) == {"index.md": unsafely or safely}


CITY = {
    "hong-kong.md": "---\naliases: [Fragrant Harbour, Xianggang]\n---\n# Hong Kong SAR\n\n## Parks\n",
    "port.md": "",
    "old-port.md": "# Haven",
}
CALLED = {
    "a title in Gollum": ("gollum", "[[hong-kong|Hong Kong SAR]]", "[[Hong Kong SAR|hong-kong]]", ""),
    "a title in Dendron": ("dendron", "[[hong-kong|Hong Kong SAR]]", "[[Hong Kong SAR|hong-kong]]", ""),
    "a title in Obsidian": ("obsidian", "[[Hong Kong SAR|hong-kong]]", "[[hong-kong|Hong Kong SAR]]", ""),
    "an alias": ("gollum", "[[hong-kong|Fragrant Harbour]]", "[[Fragrant Harbour|hong-kong]]", ""),
    "a word": ("gollum", "[[hong-kong|Xianggang]]", "[[Xianggang|hong-kong]]", ""),
    "a title of one word": ("gollum", "[[old-port|Haven]]", None, "[[Haven|old-port]]"),
    "an anchor in Gollum": ("gollum", "[[hong-kong#parks|Hong Kong]]", "[[Hong Kong|hong-kong#parks]]", ""),
    "an anchor in Dendron": ("dendron", "[[hong-kong#parks|Hong Kong SAR]]", "[[Hong Kong SAR|hong-kong#parks]]", ""),
    "an anchor in Obsidian": ("obsidian", "[[Hong Kong#Parks|hong-kong]]", "[[hong-kong#Parks|Hong Kong]]", ""),
    "an anchor that is nowhere": ("gollum", "[[hong-kong#gone|Hong Kong SAR]]", None, None),
    "a table": ("gollum", "|a|\n|-|\n|[[hong-kong\\|Hong Kong SAR]]|", "|a|\n|-|\n|[[Hong Kong SAR\\|hong-kong]]|", ""),
    "the title of another page": ("gollum", "[[port|Hong Kong SAR]]", None, "[[port|hong-kong]]"),
    "a label that is no name": ("gollum", "[[harbour|Hong Kong SAR]]", "[[harbour|hong-kong]]", ""),
}


@pytest.mark.parametrize(("engine", "before", "safely", "unsafely"), CALLED.values(), ids=CALLED)
def test_a_title_beside_the_name_of_its_page_is_kept(
    engine: str, before: str, safely: str | None, unsafely: str | None
) -> None:
    texts = {**CITY, "index.md": before}
    assert fixed(texts, engine) == ({} if safely is None else {"index.md": safely})
    last = unsafely or safely
    assert fixed(texts, engine, unsafe=True) == ({} if last is None else {"index.md": last})


def test_an_index_page_is_named_by_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path, text in {
        "x.md": "[[b/index]], [[b/README]], [m](b/index.md)\n",
        "y.md": "[[tide-tables/index]]\n",
        "d/index.md": "",
        "d/README.md": "",
        "Tide tables/index.md": "",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    assert run(["lint", "-j1", "--no-cache", "--output-format", "concise", str(tmp_path)]) == 1
    said = [line.partition("] ")[2] for line in capsys.readouterr().out.splitlines() if "] " in line]
    assert said == [
        'no page is named "b/index"',
        'no page is named "b/README"',
        'there is no page "b/index.md"',
        'no page is named "tide-tables/index"; did you mean "Tide tables/index"?',
    ]


def test_pages_of_github_have_flat_addresses(tmp_path: Path) -> None:
    (tmp_path / "wikitools.toml").write_text('engine = "github-wiki"\n')
    (tmp_path / "guide").mkdir()
    (tmp_path / "guide/Page.md").write_text("# Page\n\n## Part\n")
    (tmp_path / "Home.md").write_text("[p](Page.md), [q](Page.md#part), [r](/Page.md)\n")
    assert run(["lint", "-j1", "--no-cache", "--fix", "--quiet", str(tmp_path)]) in (0, 1)
    assert (tmp_path / "Home.md").read_text() == "[p](Page), [q](Page#part), [r](/Page.md)\n"


def test_a_label_that_is_a_page_is_no_sign_of_swapped_halves() -> None:
    (message,) = messages({"index.md": "[[ab-dollar|ABD]]", "ABD.md": ""})
    assert message == 'no page is named "ab-dollar", but the label "ABD" is a page; did you mean [[ABD]]?'


# What was promised


def lint_here(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    """Return what `lint` writes to both streams."""
    run(["lint", "-j1", "--no-cache", *arguments])
    out, err = capsys.readouterr()
    return out, err


@pytest.fixture
def wrapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wiki with a wrapped link that is ambiguous once it is one."""
    monkeypatch.chdir(tmp_path)
    for path, text in {"x.md": "See [[ada|Ada\nLovelace]].\n", "a/ada.md": "", "b/ada.md": ""}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_a_link_that_was_ambiguous_before_is_put_on_one_line(wrapped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = lint_here(capsys, "--fix", "--output-format", "concise")
    assert (wrapped / "x.md").read_text() == "See [[ada|Ada Lovelace]].\n"
    assert "not repaired" not in out + err
    assert out.splitlines()[-1].startswith("Fixed 1 problem. Left: 1 problem in 1 page")


def test_the_same_ambiguity_elsewhere_on_the_page_is_no_hindrance(
    wrapped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (wrapped / "x.md").write_text("[[ada]] and [[ada#gone|Ada\nLovelace]].\n")
    lint_here(capsys, "--fix")
    assert (wrapped / "x.md").read_text() == "[[ada]] and [[ada#gone|Ada Lovelace]].\n"


@pytest.mark.parametrize("form", ["full", "concise", "grouped", "json", "json-lines", "sarif"])
def test_a_refused_repair_is_said_and_not_offered_again(
    wrapped: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    # The page is not UTF-8, so it must not be written.
    (wrapped / "x.md").write_bytes(b"See [[old]] \xff.\n")
    (wrapped / "old.md").write_text("Moved to [[new]].\n")
    (wrapped / "new.md").write_text("")
    out, err = lint_here(capsys, "--fix", "--output-format", form)
    assert "can be repaired" not in out
    assert 'x.md: link-to-redirect "old" was not repaired (link to "new"): the page cannot be read as it is' in err
    if form == "json":
        assert [each["fix"] for each in json.loads(out)["diagnostics"]] == [None, None]
    if form in ("full", "json", "json-lines"):
        assert "not repaired: the page cannot be read as it is" in out


@pytest.fixture
def refusing(tmp_path: Path) -> Path:
    """A wiki with a repair that its own page allows, but that would leave a definition unused."""
    (tmp_path / "wikitools.toml").write_text('extend-select = ["unused-reference"]\n')
    (tmp_path / "index.md").write_text("See [[inner-alignment]]!\n\n[inner-alignment]: other.md\n")
    (tmp_path / "other.md").write_text("")
    (tmp_path / "Inner alignment.md").write_text("")
    return tmp_path


WHY = "not repaired: it would cause a new finding, unused-reference in index.md"


@pytest.mark.parametrize("tried", ["--fix", "--diff"])
def test_a_later_run_does_not_offer_what_was_refused(refusing: Path, call: Call, tried: str) -> None:
    assert "1 can be repaired with --fix." in call("lint", "-j1", str(refusing))[1]
    call("lint", "-j1", tried, str(refusing))
    for form in ("full", "json", "sarif", "grouped"):
        said = call("lint", "-j1", "--output-format", form, str(refusing))[1]
        assert "can be repaired" not in said
        assert form == "grouped" or WHY in said or json.loads(said)["runs"][0]["results"][0].get("fixes") is None
    # Other rules may allow it.
    assert "can be repaired" in call("lint", "-j1", "--ignore", "unused-reference", str(refusing))[1]
    assert "Fixed 1 problem" in call("lint", "-j1", "--fix", "--ignore", "unused-reference", str(refusing))[1]


def test_what_was_refused_is_offered_again_when_its_page_changed(refusing: Path, call: Call) -> None:
    call("lint", "-j1", "--fix", str(refusing))
    (refusing / "other.md").write_text("Changed.\n")
    assert WHY in call("lint", "-j1", str(refusing))[1]
    (refusing / "index.md").write_text(
        "See [[inner-alignment]] and [x][inner-alignment].\n\n[inner-alignment]: other.md\n"
    )
    assert "1 can be repaired with --fix." in call("lint", "-j1", str(refusing))[1]
    assert "Fixed 1 problem. Nothing is left" in call("lint", "-j1", "--fix", str(refusing))[1]


def test_a_comment_on_a_page_that_nobody_may_write_is_not_offered_for_removal(tmp_path: Path, call: Call) -> None:
    (tmp_path / "page.md").write_bytes(b"<!-- wikitools-ignore-next-line broken-link -->\n\xff\n")
    out = call("lint", "-j1", "--no-cache", "--extend-select", "unused-suppression", str(tmp_path))[1]
    assert "this comment silences nothing" in out
    assert "can be repaired" not in out


def test_no_repair_is_offered_on_a_page_that_nobody_may_write(
    wrapped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (wrapped / "x.md").write_bytes(b"See [[a-da]] \xff.\n")
    (wrapped / "a da.md").write_text("")
    out, _err = lint_here(capsys, "--output-format", "concise")
    assert 'no page is named "a-da"' in out
    assert "can be repaired" not in out


@pytest.mark.parametrize("form", ["concise", "json"])
def test_what_could_not_be_written_is_reported_as_it_is(
    wrapped: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    (wrapped / "locked.md").write_text("An [[a-da]].\n")
    (wrapped / "open.md").write_text("An [[a-da]].\n")
    (wrapped / "a da.md").write_text("")
    write = files.write_atomic

    def refuse(root: Path, path: str, old: bytes, new: str, **given: bool) -> None:
        if path == "locked.md":
            raise files.FileError(f"{path}: read-only; not written")
        write(root, path, old, new, **given)

    monkeypatch.setattr(files, "write_atomic", refuse)
    out, err = lint_here(capsys, "--fix", "--output-format", form)
    assert (wrapped / "locked.md").read_text() == "An [[a-da]].\n"
    assert (wrapped / "open.md").read_text() == "An [[a da]].\n"
    assert "error: locked.md: read-only; not written" in err
    assert "can be repaired" not in out
    assert "open.md" not in out
    if form == "json":
        left = [each for each in json.loads(out)["diagnostics"] if each["path"] == "locked.md"]
        assert [(each["rule"], each["fix"]) for each in left] == [("broken-wikilink", None)]
        assert left[0]["help"].startswith("not repaired: the page could not be written")
    else:
        assert 'locked.md:1:4: error[broken-wikilink] no page is named "a-da"' in out
