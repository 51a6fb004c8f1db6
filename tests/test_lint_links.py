"""Links as lint judges them, as a whole: tiny wikis with awkward names, and what is said of each link."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wikitools import files, git
from wikitools.cli.app import run
from wikitools.config import load_settings
from wikitools.lint.facts import facts_of
from wikitools.lint.fix.fixing import Policy, fix, lint
from wikitools.lint.outside_files import LeftOut, WhyLeftOut
from wikitools.markdown.parse import parse
from wikitools.wiki.engine_counts import choose_engine
from wikitools.wiki.engine_fit import find_misfit
from wikitools.wiki.engines import ENGINES, OTHER_NAMES
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REPOSITORY = Path(__file__).parent.parent
LINKS = Policy(ignore=("citations", "bibliography", "sources"))


def found(files_: Mapping[str, str], policy: Policy = LINKS, **options: object) -> list[tuple[str, str, str]]:
    """Return rule, reason and subject of each finding in a tiny wiki."""
    outcome = lint(facts_of(files_, **options), policy)  # type: ignore[arg-type]  # the options of facts_of
    assert not outcome.failures
    return [(each.rule, each.reason, each.subject) for each in outcome.diagnostics]


def fixed(files_: Mapping[str, str], *, unsafe: bool = False, engine: str = "obsidian") -> Mapping[str, str]:
    def facts(texts: Mapping[str, str]) -> object:
        return facts_of({**files_, **texts}, engine=engine)

    return fix(facts({}), LINKS, rebuild=facts, unsafe=unsafe).texts  # type: ignore[arg-type]  # facts are Facts


# Names

AWKWARD = [
    "💡 Ideas, (old) & new!",
    "C# notes",
    "100%20",
    "a'b",
    "Étude — suite",
    "日本語",
    "v1.2.3",
    "x" * 200,
    "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/deep",
    "[draft]",
    "semi;colon=equals+plus",
]


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("engine", ["obsidian", "markdown"])
def test_markdown_links_to_awkward_names_live(name: str, engine: str) -> None:
    from urllib.parse import quote

    wiki = {"notes/index.md": f"[a](../{quote(name)}.md) [b](<../{quote(name)}.md>)\n", f"{name}.md": ""}
    assert found(wiki, engine=engine) == []


@pytest.mark.parametrize("name", [name for name in AWKWARD if not set(name) & set("#[]")])
def test_wikilinks_to_awkward_names_live(name: str) -> None:
    assert found({"index.md": f"[[{name}]] ![[{name}]] | [[{name}|x]]\n", f"{name}.md": ""}) == []


@pytest.mark.parametrize("name", [name for name in AWKWARD if "/" not in name])
def test_a_path_is_repaired_whatever_the_name(name: str) -> None:
    """The page lies in another folder; the link that --fix writes leads there."""
    from urllib.parse import quote

    wiki = {"index.md": f"[a]({quote(name)}.md)\n", f"other/{name}.md": ""}
    (finding,) = found(wiki, engine="markdown")
    assert finding == ("broken-link", "wrong-folder", f"{name}.md")
    texts = fixed(wiki, engine="markdown")
    assert found({**wiki, **texts}, engine="markdown") == []


def test_unicode_forms_are_one_name() -> None:
    name = "Café"
    nfd, nfc = unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name)
    for written, on_disk in ((nfc, nfd), (nfd, nfc)):
        for engine in ENGINES:
            if engine not in {"dendron", "gollum", "github-wiki", "logseq"} and "quartz" not in engine:
                link = f"[a](<{written}.md>)\n"
                assert found({"index.md": link, f"{on_disk}.md": ""}, engine=engine) == [], engine


def test_case_counts_where_the_engine_says_so() -> None:
    wiki = {"index.md": "[a](people/turing.md) ![](IMG/a.PNG)\n", "people/Turing.md": "", "img/a.png": ""}
    assert found(wiki, engine="obsidian") == []
    assert found(wiki, engine="markdown") == [
        ("broken-link", "case-differs", "people/turing.md"),
        ("missing-image", "case-differs", "IMG/a.PNG"),
    ]
    assert fixed(wiki, engine="markdown") == {"index.md": "[a](people/Turing.md) ![](img/a.png)\n"}
    mismatches = found(wiki, Policy(select=("case-mismatch",)))
    assert [subject for _rule, _reason, subject in mismatches] == ["people/turing.md", "IMG/a.PNG"]


# What is said, and by which rule

WIKI = {
    "Alan Turing.md": "---\naliases: [AMT, A. M. Turing]\n---\n## Early life\n",
    "sub/Inner alignment.md": "",
    "img/machine.png": "",
}

TABLE = [
    ("[[Alan Turing]]", None),
    ("[[Alan Turng]]", ("broken-wikilink", "no-such-page")),
    ("[[AMT]]", ("broken-wikilink", "alias-only")),
    ("[[inner_alignment]]", ("broken-wikilink", "space-or-dash")),
    ("[[other/Inner alignment]]", ("broken-wikilink", "wrong-folder")),
    ("[[Alan%20Turing]]", ("broken-wikilink", "percent-encoded")),
    ("[[he|Alan Turing]]", ("broken-wikilink", "looks-reversed")),
    ("[[../../x]]", ("broken-wikilink", "outside-root")),
    ("[[https://example.org]]", ("broken-wikilink", "web-address")),
    ("[[gone.pdf]]", ("broken-wikilink", "asset-missing")),
    ("[[...]]", None),
    ("[[<slug>]]", None),
    ("![[Alan Turng]]", ("broken-embed", "no-such-page")),
    ("![[gone.pdf]]", ("broken-embed", "asset-missing")),
    ("![[gone.png|300]]", ("missing-image", "asset-missing")),
    ("![[machine.png|300]]", None),
    ("![x](img/gone.png)", ("missing-image", "asset-missing")),
    ('<img src="gone.png">', ("missing-image", "asset-missing")),
    ("[x](gone.md)", ("broken-link", "no-such-page")),
    ("[x](../gone.md)", ("broken-link", "outside-root")),
    ('<a href="gone.md">x</a>', ("broken-link", "no-such-page")),
    ("[x](Alan%20Turing.md#early-life)", None),
    ("[x](Alan%20Turing.md#late-life)", ("broken-anchor", "no-such-heading")),
    ("[[Alan Turing#early-life]]", ("broken-anchor", "slug-anchor")),
    ("[[Alan Turing#^b]]", ("broken-anchor", "no-such-block")),
    ("[[Alan\nTuring]]", ("wrapped-link", "")),
    ("> quoted [[Alan\n> Turing|him]]", ("wrapped-link", "")),
    ("[x][nobody]", ("undefined-reference", "")),
    ("`[[Nobody]]` `[x](gone.md)`", None),
    ("<!-- [[Nobody]] ![](gone.png) -->", None),
    ("$[[Nobody]]$ and $$[x](gone.md)$$", None),
    ("    [[Nobody]]", None),
    ("```\n[[Nobody\nX]] [x](gone.md)\n```", None),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_what_is_said_of_a_link(text: str, expected: tuple[str, str] | None) -> None:
    findings = [(rule, reason) for rule, reason, _subject in found({**WIKI, "notes.md": f"{text}\n"})]
    assert findings == ([] if expected is None else [expected])


REPAIRS = [
    ("[[A. M. Turing]]", "[[Alan Turing|A. M. Turing]]"),
    ("[[AMT|Alan Turing]]", "[[Alan Turing|Alan Turing]]"),
    ("[[other/Inner alignment|x]]", "[[sub/Inner alignment|x]]"),
    ("[[Alan Turing#early-life]]", "[[Alan Turing#Early life]]"),
    ("> a [[Alan\n> Turing#Early life|his\n> youth]] b", "> a [[Alan Turing#Early life|his youth]] b"),
    ("![[Alan\nTuring]]", "![[Alan Turing]]"),
    ("[x](other/Inner%20alignment.md)", "[x](sub/Inner%20alignment.md)"),
    ("[x](<./other/Inner alignment.md>)", "[x](<./sub/Inner alignment.md>)"),
    ('<a href="other/Inner%20alignment.md">x</a>', '<a href="sub/Inner%20alignment.md">x</a>'),
    ("[x](other/Inner%20alignment)", "[x](sub/Inner%20alignment.md)"),
]


@pytest.mark.parametrize(("before", "after"), REPAIRS)
def test_repairs_keep_the_look_of_a_link(before: str, after: str) -> None:
    wiki = {**WIKI, "notes.md": f"{before}\n"}
    assert fixed(wiki, engine="obsidian" if "[[" in before else "markdown") == {"notes.md": f"{after}\n"}


def test_a_path_from_the_root_keeps_its_look_in_an_unsafe_repair() -> None:
    wiki = {**WIKI, "notes.md": "[x](/other/Inner%20alignment.md?plain=1)\n"}
    assert fixed(wiki, engine="markdown") == {}
    assert fixed(wiki, engine="markdown", unsafe=True) == {"notes.md": "[x](/sub/Inner%20alignment.md?plain=1)\n"}


@pytest.mark.parametrize(
    "text",
    [
        "[x](../README.md)",  # the only README is another folder's
        "![](images/img_001.png)",  # files are named alike in each folder
        "[x](TODO)",  # a title elsewhere
        "[x](wiki/a-b.md)",  # another name in another folder
    ],
)
def test_what_is_not_sure_is_not_repaired_without_being_asked(text: str) -> None:
    wiki = {
        "notes/page.md": f"{text}\n",
        "sub/README.md": "",
        "old/images/img_001.png": "",
        "todo-list.md": "# TODO\n",
        "other/a_b.md": "",
    }
    assert found(wiki, engine="markdown")
    assert fixed(wiki, engine="markdown") == {}


def test_numbers_are_no_misspellings() -> None:
    wiki = {"index.md": "[[Chapter 12]]\n", "Chapter 13.md": ""}
    assert found(wiki) == [("broken-wikilink", "no-such-page", "Chapter 12")]
    assert fixed(wiki, unsafe=True) == {}


def test_of_several_pages_of_one_name_the_path_tells_which_is_meant() -> None:
    wiki = {"repos/brax.md": "[x](../wiki/entities/brax.md)\n", "docs/wiki/entities/brax.md": ""}
    assert fixed(wiki, engine="markdown") == {"repos/brax.md": "[x](../docs/wiki/entities/brax.md)\n"}


def test_a_repair_of_a_link_may_bring_news_of_its_target() -> None:
    wiki = {"index.md": "[[inner-alignment]]\n", "Inner alignment.md": "Moved to [[Alignment]].\n", "Alignment.md": ""}
    assert fixed(wiki) == {"index.md": "[[Alignment|Inner alignment]]\n"}


def test_anchors_of_another_program() -> None:
    wiki = {"index.md": "[a](page.md#caf%C3%A9) [b](page.md#cafe)\n", "page.md": "## Café\n"}
    (one,) = found(wiki, engine="markdown")
    (other,) = found(wiki, engine="markdown", anchors="python-markdown")
    assert (one[2], other[2]) == ("page#cafe", "page#caf%C3%A9")


def test_each_link_is_resolved_once() -> None:
    wiki = facts_of({"a.md": "[[Nobody]] [[Nobody]] [x](no.md) [y](no.md)\n"}).wiki
    one, two, three, four = wiki.pages["a.md"].links
    assert wiki.resolve(one) is wiki.resolve(two)  # type: ignore[arg-type]  # these two are wikilinks
    assert wiki.resolve_link(three) is wiki.resolve_link(four)  # type: ignore[arg-type]  # and these are not


def test_many_dead_anchors_on_a_long_page_take_linear_time() -> None:
    headings = "".join(f"## Heading number {n}\n" for n in range(1000))
    facts = facts_of({"a.md": headings + "[[#zz]] [x](#zy)\n" * 3000})
    began = time.process_time()
    outcome = lint(facts, Policy(select=("broken-anchor",)))
    assert len(outcome.diagnostics) == 6000
    assert time.process_time() - began < 5


# Files that are not part of the wiki


def test_files_outside_of_the_wiki_are_not_simply_dead() -> None:
    left = {
        ".github/workflows/ci.yml": WhyLeftOut.UNREAD,
        "drafts/Plan.md": WhyLeftOut.UNREAD,
        "../CONTRIBUTING.md": WhyLeftOut.UNREAD,
        "build/out.pdf": WhyLeftOut.IGNORED,
        ".vscode/": WhyLeftOut.UNREAD,
    }
    text = (
        "[a](.github/workflows/ci.yml) [[Plan]] [b](../CONTRIBUTING.md) [c](drafts/) [d](.vscode) [e](build/out.pdf)\n"
    )
    wiki = {"index.md": text}
    assert len(found(wiki)) == 6
    assert found(wiki, left_out=left) == [("broken-link", "ignored", "build/out.pdf")]


def test_a_name_alone_finds_nothing_in_hidden_folders() -> None:
    left = {".github/x.md": WhyLeftOut.UNREAD, "drafts/Plan.md": WhyLeftOut.UNREAD, ".a/b.md": WhyLeftOut.IGNORED}
    wiki = {"index.md": "[a](.github/x.md) [[x]] [[.github/x]] [[Plan]] [[b]]\n"}
    dead = [("broken-wikilink", "no-such-page", name) for name in ("x", "b")]
    assert found(wiki, engine="foam", left_out=left) == dead
    hidden = ("broken-wikilink", "hidden", ".github/x")
    assert found(wiki, left_out=left) == [dead[0], hidden, dead[1]]


@pytest.mark.parametrize("flags", [(), ("--no-cache",)])
def test_a_wikilink_that_names_a_hidden_page_is_looked_up_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]
) -> None:
    (tmp_path / ".trash").mkdir()
    (tmp_path / ".trash" / "Old.md").write_text("")
    (tmp_path / "index.md").write_text("[[.trash/Old]] [[Old]] [[.trash/Older]]\n")
    monkeypatch.chdir(tmp_path)
    assert run(["lint", "-j1", "--output-format", "json", *flags]) == 1
    assert [each["reason"] for each in json.loads(capsys.readouterr().out)["diagnostics"]] == [
        "hidden",
        "no-such-page",
        "no-such-page",
    ]


def test_of_two_pages_that_differ_in_case_none_is_surely_meant() -> None:
    pages = {"index.md": "[a](CASE.md) [b](OTHER.md)\n", "Case.md": "", "case.md": "", "Other.md": ""}
    first, second = lint(facts_of(pages, engine="markdown"), LINKS).diagnostics
    assert first.fix is None
    assert first.help == 'other candidates: "case.md"'
    assert second.fix is not None


def test_where_a_path_leads_from_a_page() -> None:
    assert LeftOut().by_path("x.md", "a.md") is None
    assert LeftOut(lambda: {"notes": WhyLeftOut.UNREAD}).by_path("/", "notes/a.md") is None


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a wiki in `docs/`; `new.md` is not added, `build/` ignored."""
    root = tmp_path / "docs"
    for name, text in {
        "index.md": "[a](new.md) [b](build/out.md) [c](.hidden/x.md) [d](../LICENSE) [e](old.md) [f](../../nowhere)\n",
        "new.md": "",
        "old.md": "",
        "build/out.md": "",
        ".hidden/x.md": "",
        "../LICENSE": "",
        "../.gitignore": "build/\n",
        "wikitools.toml": 'engine = "markdown"\n',
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for command in (["init", "-q"], ["add", "LICENSE", ".gitignore", "docs/index.md", "docs/old.md"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.chdir(root)
    return root


@needs_git
def test_what_lies_around_a_wiki(repository: Path) -> None:
    inventory = files.find_pages(repository)
    assert inventory.ignored == inventory.excluded == ("build/",)
    named = ["new.md", ".hidden/x.md", ".hidden", "../LICENSE", "../../nowhere", "gone.md", "../../../../../etc/passwd"]
    assert files.find_left_out(repository, inventory, named) == {
        "build/out.md": True,
        ".hidden/x.md": False,
        ".hidden/": False,
        "../LICENSE": False,
    }
    assert git.find_tracked(repository) == {"index.md", "old.md"}


def test_without_a_repository_nothing_is_known_of_git(tmp_path: Path) -> None:
    assert files.find_repository(str(tmp_path)) is None
    assert git.find_tracked(tmp_path) is None


@needs_git
@pytest.mark.usefixtures("repository")
def test_lint_in_a_repository(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--output-format", "concise", "-q", "--extend-select", "untracked-target"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        'index.md:1:13: error[broken-link] "build/out.md" is here, but git ignores it, so nobody else has it',
        'index.md:1:77: error[broken-link] "../../nowhere" is outside the wiki',
        'index.md:1:1: warning[untracked-target] git does not track "new.md"',
    ]


@needs_git
@pytest.mark.parametrize("cached", [True, False])
def test_a_repository_that_tracks_next_to_nothing_is_one_sentence(
    cached: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wiki = tmp_path / "wiki"
    wiki.mkdir()
    for number in range(40):
        (wiki / f"{number}.md").write_text("".join(f"[[{each}]]\n" for each in range(40)))
    options = ["--cache-dir", str(tmp_path / "cache")] if cached else ["--no-cache"]
    command = ["lint", *options, "--select", "untracked-target", str(wiki)]
    git_ = ["git", "-C", str(wiki)]
    subprocess.run([*git_, "init", "-q"], check=True)
    for added, told in (([], "none"), (["1.md", "2.md"], "2")):
        if added:
            subprocess.run([*git_, "add", *added], check=True)
        assert run(command) == 0
        said = capsys.readouterr()
        assert said.out == "No problems found (40 pages).\n"
        assert said.err == (
            f"warning: untracked-target was skipped: git tracks {told} of the 40 pages; add them first\n"
        )
    subprocess.run([*git_, "add", *(f"{number}.md" for number in range(39))], check=True)
    assert run(command) == 1
    assert "Found 39 problems in 39 pages: 39 warnings" in capsys.readouterr().out
    subprocess.run([*git_, "add", "."], check=True)
    assert run(command) == 0


def test_without_git_the_rule_is_skipped_and_says_why() -> None:
    outcome = lint(facts_of({"a.md": "[[b]]\n", "b.md": ""}), Policy(select=("untracked-target",)))
    assert [(each.rule, each.reason) for each in outcome.skipped] == [
        ("untracked-target", "there is no git repository")
    ]


# The wrong engine, and the right one


def dendron_like(count: int = 30) -> dict[str, str]:
    notes = {f"note.number-{n}.md": f"[[the next note|note.number-{n + 1}]]\n" for n in range(count)}
    return {**notes, f"note.number-{count}.md": ""}


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
        r'if the wiki is made for that one, set (engine = "\1") in wikitools\.toml\n\n',
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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path, text in dendron_like().items():
        (tmp_path / path).write_text(text)
    (tmp_path / "dendron.yml").write_text("version: 5\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
    text = Path(__file__).parent.parent.joinpath("docs/engines.md").read_text(encoding="utf-8")
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
