"""Broken links that another engine would resolve: `lint` suggests that engine, and `init` finds it."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from link_findings import dendron_like

from wikitools.cli.app import run
from wikitools.config import load_settings
from wikitools.lint.facts import facts_of
from wikitools.lint.fix.fixing import Policy, lint
from wikitools.markdown.parse import parse
from wikitools.wiki.engine_counts import choose_engine
from wikitools.wiki.engine_fit import find_misfit
from wikitools.wiki.engines import ENGINES, OTHER_NAMES
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REPOSITORY = Path(__file__).parent.parent.parent


def wiki_of(texts: Mapping[str, str], engine: str = "obsidian") -> Wiki:
    return Wiki([parse(path, text) for path, text in texts.items()], engine=engine)


def test_another_engine_that_explains_the_failures_is_named() -> None:
    misfit = find_misfit(wiki_of(dendron_like()))
    assert misfit is not None
    assert (misfit.engine, misfit.broken, misfit.better_broken, misfit.links) == ("obsidian", 30, 0, 30)
    assert find_misfit(wiki_of(dendron_like(), misfit.better)) is None
    assert find_misfit(wiki_of(dendron_like(10))) is None, "too few to tell"
    nowhere = {f"{n}.md": f"[[nowhere {n}]]\n" for n in range(30)}
    assert find_misfit(wiki_of(nowhere)) is None, "no engine is better"


def test_markdown_links_tell_as_well() -> None:
    misfit = find_misfit(wiki_of({f"page-{n}.md": f"[x](/wiki/page-{n + 1}/)\n" for n in range(40)}))
    assert misfit is not None
    assert (misfit.kind, misfit.broken) == ("Markdown links", 40)


@pytest.mark.parametrize(("worse", "named"), [(0, True), (5, True), (6, False)])
def test_a_few_links_that_break_do_not_outweigh_many_that_come_alive(worse: int, named: bool) -> None:
    # Addresses that only one engine finds, and wikilinks with the label first, which that one does not read.
    texts = {f"page-{n}.md": f"[x](/site/page-{(n + 1) % 100}/)\n" for n in range(100)}
    texts |= {f"own-{n}.md": f"[[a label|own-{n}]]\n" for n in range(worse)}
    wiki = wiki_of(texts, "gollum")
    choice = choose_engine(wiki, {})
    assert (choice.broken["gollum"], choice.broken["slug"]) == ((0, 100), (worse, 0))
    assert (find_misfit(wiki) is not None) == named


SITE = {
    "index.md": "See [M](/wiki/mason-gaffney/), <a href='/mason-gaffney'>him</a> and [C](/People/mason-gaffney.md).\n",
    "people/mason-gaffney.md": "# Mason Gaffney\n",
}


def test_addresses_of_the_published_site_are_never_safely_repaired() -> None:
    facts = facts_of(SITE, engine="markdown")
    found = lint(facts, Policy(select=("broken-link",))).diagnostics
    assert [each.fix and str(each.fix.safety) for each in found] == ["unsafe", "unsafe", "safe"]
    assert [each.reason for each in found] == ["wrong-folder", "wrong-folder", "case-differs"]


def test_the_opening_sentence_speaks_for_markdown_links_and_no_repair_is_offered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(40):
        (tmp_path / f"page-{n}.md").write_text(f"[x](/wiki/page-{(n + 1) % 40}/)\n")
    assert run(["lint", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    opening = re.match(
        r'40 of 40 Markdown links are broken under the engine "obsidian", 0 under "([\w-]+)": '
        r'if the wiki is made for that one, set (engine = "\1") in the configuration\n\n',
        said,
    )
    assert opening is not None
    assert "can be repaired" not in said
    (tmp_path / "wikitools.toml").write_text(f"{opening[2]}\n")
    assert run(["lint", str(tmp_path)]) == 0


def test_ranges_of_headings_are_dendrons() -> None:
    log = "# Log\n\n## 0.80.0\n\n## 0.79.0\n"
    texts = {
        "a.md": "![[log#0800,1:#0790]] ![[log#0800:#*]] ![[log#*]] ![[log#0800,1]] ![[log#080x,1:#0790]]"
        " ![[log#0800,1:#0970]]\n",
        "log.md": log,
    }
    found = lint(facts_of(texts, engine="dendron"), Policy(select=("broken-anchor",))).diagnostics
    assert [each.message.partition(";")[0] for each in found] == [
        '"log" has no heading "080x"',
        '"log" has no heading "0970"',
    ]
    found = lint(
        facts_of({"a.md": "![[log#0800,1:#0790]]\n", "log.md": log}), Policy(select=("broken-anchor",))
    ).diagnostics
    assert [(each.message, each.fix) for each in found] == [
        ('"log" has no heading "0800,1:#0790"; only Dendron supports ranges of headings', None)
    ]
    texts = {"a.md": "[[log#nowhere#hello-world]]\n", "log.md": "# Hello, world\n"}
    (chained,) = lint(facts_of(texts), Policy(select=("broken-anchor",))).diagnostics
    assert chained.message == (
        '"log" has no heading "nowhere#hello-world"; "hello-world" is the slug of "Hello, world"'
    )


def test_the_engine_is_chosen_by_its_figures_and_its_marks() -> None:
    wiki = wiki_of(dendron_like())
    assert choose_engine(wiki, {"dendron": "dendron.yml", "obsidian": ".obsidian"}).engine == "dendron"
    plain = wiki_of({"a.md": "[x](b.md)\n" * 5, "b.md": ""})
    assert choose_engine(plain, {}).engine == "markdown"
    assert choose_engine(plain, {"obsidian": ".obsidian"}).engine == "obsidian"
    assert choose_engine(wiki_of({"a.md": "[[b]]\n", "b.md": ""}), {}).engine == "obsidian"
    assert choose_engine(wiki_of({"a.md": ""}), {}).engine == "obsidian"
    slips = {f"{n}.md": f"[[{n + 1}]]\n" for n in range(99)} | {"99.md": "[x](/wiki/1/) [[0]]\n"}
    chosen = choose_engine(wiki_of(slips), {})
    assert (chosen.engine, chosen.why) == (
        "obsidian",
        "1 of 101 links are broken; no other engine leaves clearly fewer",
    )
    assert choose_engine(wiki_of({"a.md": ""}), {"foam": ".foam"}).engine == "foam"
    title = wiki_of({"a.md": "[[b]] [[c]] [[The Title]] [[b]]\n", "b.md": "# The Title\n", "c.md": ""})
    assert choose_engine(title, {"obsidian": ".obsidian"}).engine == "obsidian", "a mark outweighs one link by title"


@pytest.mark.usefixtures("folder")
def test_the_report_opens_with_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint"]) == 1
    assert capsys.readouterr().out.startswith('30 of 30 wikilinks are broken under the engine "obsidian", 0 under "')
    assert run(["lint", "--output-format", "json"]) == 1
    misfit = json.loads(capsys.readouterr().out)["summary"]["misfit"]
    assert (misfit["engine"], misfit["broken"], misfit["better_broken"]) == ("obsidian", 30, 0)
    for option in ("--fix", "--diff"):
        assert run(["lint", option]) == 2
        said = capsys.readouterr()
        assert "nothing was repaired: 30 of 30 wikilinks" in said.err
        assert not said.out


def test_init_writes_what_it_found_and_lint_is_then_silent(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / 'odd "name".bib').write_text("@book{a, title = {A}, author = {B}, year = 2000, url = {https://e.org}}\n")
    assert run(["init", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert not (folder / "wikitools.toml").exists()
    assert run(["init"]) == 0
    said = capsys.readouterr()
    text = (folder / "wikitools.toml").read_text(encoding="utf-8")
    assert text == shown
    assert "engine: dendron (dendron.yml is there, and 0 of 30 links are broken)" in said.err
    settings = load_settings(str(folder), [(str(folder / "wikitools.toml"), text)])
    assert (settings.engine, settings.bibliography) == ("dendron", ('odd "name".bib',))
    assert run(["lint", "--ignore", "bibliography"]) == 0
    capsys.readouterr()
    assert run(["init"]) == 2
    assert "already exists" in capsys.readouterr().err
    (folder / "wikitools.toml").write_text("engine = 7\n")
    assert run(["init", "--force", "-q"]) == 0
    assert (folder / "wikitools.toml").read_text(encoding="utf-8") == text
    assert run(["init", "nowhere"]) == 2
    monkeypatch.undo()


def test_a_healthy_wiki_is_silent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--fail-on", "any", str(REPOSITORY / "fixtures/wiki-clean")]) == 0
    assert capsys.readouterr().out.startswith("No problems found")


def test_settings_of_the_new_keys(tmp_path: Path) -> None:
    settings: Callable[[str], object] = lambda text: load_settings(str(tmp_path), [(str(tmp_path / "w.toml"), text)])  # noqa: E731  # one line is enough
    loaded = load_settings(str(tmp_path), [(str(tmp_path / "w.toml"), 'anchors = "hugo"\nentry-pages = ["log/**"]\n')])
    assert (loaded.anchors, loaded.entry_pages) == ("hugo", ("log/**",))
    with pytest.raises(Exception, match='did you mean "github"'):
        settings('anchors = "githup"\n')


MKDOCS = (
    "site_name: x\ndocs_dir: 'pages/en'  # the sources\nplugins:\n  - search\n  - ezlinks:\n      wikilinks: true\n"
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pages/en/guide").mkdir(parents=True)
    (tmp_path / "mkdocs.yml").write_text(MKDOCS)
    (tmp_path / "pages/en/index.md").write_text("[[start]] [a](/guide/start.md) [b](guide/start.md)\n")
    (tmp_path / "pages/en/guide/start.md").write_text("# Start\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_knows_where_mkdocs_has_its_pages(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert "mkdocs.yml makes the site of pages/en/: run `wikitools init pages/en`, so that /paths start there" in said
    assert run(["init", "pages/en"]) == 0
    said = capsys.readouterr().err
    assert "makes the site of" not in said
    assert "engine: mkdocs-ezlinks (../../mkdocs.yml is there, and 0 of 3 links are broken)" in said
    # From there on a path from the root is one from the pages' folder.
    assert run(["lint", "pages/en"]) == 0


def test_a_path_from_the_root_is_dead_above_the_pages_of_mkdocs(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--config", "engine=mkdocs-ezlinks", "--output-format", "concise"]) == 1
    assert 'there is no page "/guide/start.md"; did you mean' in capsys.readouterr().out
    (site / "mkdocs.yml").write_bytes(b"\xff\xfe docs_dir")
    assert run(["init", "--dry-run"]) == 0


def test_every_engine_is_described() -> None:
    text = Path(__file__).parent.parent.parent.joinpath("docs/engines.md").read_text(encoding="utf-8")
    for engine in ENGINES.values():
        assert f"| [`{engine.name}`](#" in text
    for other, name in OTHER_NAMES.items():
        assert f"`{other}`" in text
        assert name in ENGINES


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="file names are Unicode there")
def test_a_name_that_is_no_utf8_is_no_repair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page is the only one with this title, but no page can hold its name."""
    (tmp_path / os.fsdecode(b"bad\xff.md")).write_text("# Title\n")
    (tmp_path / "index.md").write_text("See [[Title]] and [[gone]].\n")
    assert run(["lint", "--fix", "--unsafe-fixes", "--output-format", "concise", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "Found 2 problems in 1 page: 2 errors (2 pages).\n" in captured.out
    assert "can be repaired" not in captured.out
    assert run(["lint", "--fix", "--diff", str(tmp_path)]) == 0
