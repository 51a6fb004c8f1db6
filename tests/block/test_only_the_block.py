"""`backfill` and `lint --fix` change blocks and nothing around them; a page where they cannot stays as it is."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from backfilling import BIBLIOGRAPHY, BLOCK, EMPTY, backfilled, snapshot
from program import REPOSITORY, environment

from wikitools.block.block import BlockState
from wikitools.lint.facts import facts_of
from wikitools.lint.fix import source_blocks
from wikitools.markdown.parse import parse
from wikitools.markdown.reads_alike import reads_alike
from wikitools.text import Edit, Span, apply

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


# --- only the block --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wiki-mesa", "wiki-clean"])
def test_init_adds_blocks_and_nothing_else_and_only_once(name: str, tmp_path: Path, call: Call) -> None:
    root = tmp_path / "copy"
    shutil.copytree(REPOSITORY / "fixtures" / name, root)
    prose = "# P\n\nIt came (Hubinger et al. 2019).\n\n## Historiography and Sources\n\nProse.\n\n## Source & Method\n"
    (root / "prose.md").write_bytes(prose.encode())
    before = snapshot(root)
    assert call("backfill", "--init", "-q", "-j", "1", str(root))[0] == 0
    after = snapshot(root)
    assert after["prose.md"].startswith(prose.encode())
    changed = {path for path in before if before[path] != after[path]}
    assert after.keys() == before.keys()
    for path in changed:
        old, new = before[path].decode(), after[path].decode()
        # One page has the list that an earlier tool made: it is adopted, and gets markers.
        seed = old.find("## Sources cited\n\n*Primary URLs")
        assert BLOCK.sub("", new).rstrip() == BLOCK.sub("", old[: seed if seed >= 0 else None]).rstrip(), path
        assert len(BLOCK.findall(new)) == 1
    assert call("backfill", "--init", "-q", "-j", "1", str(root))[0] == 0
    assert snapshot(root) == after
    assert call("backfill", "--check", "-q", "-j", "1", str(root))[0] == 0


CRUEL = {
    "crlf.md": "\ufeff# A\r\n\r\nSee (Shah 2023).  \r\n\t\r\n",
    "no end.md": "See (Shah 2023).",
    "crlf no end.md": "See (Shah 2023).\r\n\r\nx",
    "cr.md": "See (Shah 2023).\rx\r",
    "mixed.md": "See (Shah 2023).\r\nx\ny\u2028z\x0cfeed\n",
    "tab\tname.md": "See (Shah 2023).\n",
    'quote".md': "See (Shah 2023).\n",
    "süß (1).md": "See (Shah 2023).\n",
    "deep/er.md": "See (Shah 2023).\n\n" + EMPTY + "\nAfter it.  ",
}


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_diff_is_a_patch_that_git_applies(wiki: Path, call: Call) -> None:
    (wiki / "deep").mkdir()
    for name, text in CRUEL.items():
        (wiki / name).write_bytes(text.encode())
    before = snapshot(wiki)
    code, patch, err = call("backfill", "--init", "--diff")
    assert (code, err.split("\n")[0]) == (1, "Would change 11 pages: 11 sources added (11 of 12 pages with a block).")
    assert snapshot(wiki) == before
    git = ("git", "apply", "--whitespace=nowarn", "-")
    subprocess.run(
        git, input=patch.encode(), cwd=wiki, check=True, env=environment(GIT_CEILING_DIRECTORIES=str(wiki.parent))
    )
    patched = snapshot(wiki)
    for name, content in before.items():
        (wiki / name).write_bytes(content)
    assert call("backfill", "--init", "-q")[0] == 0
    assert snapshot(wiki) == patched
    assert call("backfill", "--init", "--diff", "-q") == (0, "", "")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("here", [".", "wiki", "wiki/deep", "elsewhere"])
def test_the_diff_is_a_patch_from_whatever_folder(tmp_path: Path, here: str) -> None:
    root = tmp_path / "wiki"
    for folder in (root / "deep", tmp_path / "elsewhere", tmp_path / ".git"):
        folder.mkdir(parents=True)
    (root / "refs.bib").write_text(BIBLIOGRAPHY)
    for name in ("a.md", "deep/b.md"):
        (root / name).write_text("See (Shah 2023).\n")
    place = tmp_path / here
    done = backfilled(place, "--init", "--diff", os.path.relpath(root, place))
    assert done.returncode == 1
    shutil.rmtree(tmp_path / ".git")
    subprocess.run(("git", "init", "-q", "."), cwd=tmp_path, check=True)
    told = "apply it there" in done.stderr
    assert told is (here in ("wiki/deep", "elsewhere"))
    top = tmp_path if told else place
    subprocess.run(("git", "apply", "-"), input=done.stdout.encode(), cwd=top, check=True)
    assert all("referenced as" in (root / name).read_text() for name in ("a.md", "deep/b.md"))


def test_what_stands_around_the_block_reads_as_before() -> None:
    before = parse("a.md", "# T\n\n- a\n  - b\n\n[x]: y\n\n> q [x]\n")
    fine = Edit(Span("a.md", 3, 3), "\n\nwords\n")
    assert reads_alike(before, parse("a.md", apply(before.text, [fine])), [fine])
    for at, text in ((3, "\n```\n"), (0, "<!-- "), (len("# T\n\n- a\n"), "  ```\n"), (4, "[x]: z\n")):
        edit = Edit(Span("a.md", at, at), text)
        assert not reads_alike(before, parse("a.md", apply(before.text, [edit])), [edit]), text
    # Several at once, as comments are added: the same answer as for each alone.
    several = [
        fine,
        Edit(Span("a.md", 16, 16), "<!-- c -->\n\n"),
        Edit(Span("a.md", len(before.text), len(before.text)), "z\n"),
    ]
    assert reads_alike(before, parse("a.md", apply(before.text, several[:2])), several[:2])
    assert not reads_alike(before, parse("a.md", apply(before.text, several)), several)


def test_a_block_that_would_change_the_rest_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = facts_of({"a.md": f"See (Shah 2023).\n\n{EMPTY}", "r.bib": BIBLIOGRAPHY})
    assert str(source_blocks.regenerate(facts, "a.md", init=False, force=False).plan.state) == "updated"
    monkeypatch.setattr(source_blocks, "reads_alike", lambda *_: False)
    made = source_blocks.regenerate(facts, "a.md", init=False, force=False)
    assert (str(made.plan.state), made.plan.fix, made.page) == ("unsafe-place", None, None)


# --- one page stays, the others are written --------------------------------------------------------------------------


def test_an_intro_that_is_a_finding_leaves_the_pages_alone_and_says_why(wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n[block]\nintro = "See [[Nobody]]."\n')
    before = snapshot(wiki)
    code, out, err = call("backfill")
    assert (code, err) == (1, "")
    assert out.startswith("2 pages not touched: a new block would break something\n  goals.md:")
    assert '  goals.md:7:1: the new block would be reported by broken-wikilink: no page is named "Nobody"' in out
    assert "Nothing to change (2 of 3 pages with a block, 2 not touched).\n" in out
    assert snapshot(wiki) == before
    assert call("lint", "--fix", "--select", "sources,links")[0] == 1
    assert snapshot(wiki) == before
    # Who does not want to hear of such links gets the block.
    (wiki / "wikitools.toml").write_text(
        'bibliography = ["refs.bib"]\nignore = ["links"]\n[block]\nintro = "See [[Nobody]]."\n'
    )
    assert call("backfill")[0] == 0
    assert "See [[Nobody]]." in (wiki / "goals.md").read_text()


HASHED = "<!-- wikitools:sources hash=00000000 -->\nMine [^2]. ^mine\n\n### Mine\n<!-- /wikitools:sources -->\n"


@pytest.mark.parametrize(
    ("extra", "elsewhere", "said"),
    [
        ("\n[^2]: Note.\n", "", 'unused-footnote: nothing refers to the footnote "2"'),
        ("", "See [[goals#^mine]].\n", "[[goals#^mine]] at other.md:1:5 links into the block and would break"),
        ("", "![[goals#^mine]]\n", "![[goals#^mine]] at other.md:1:1 links into the block and would break"),
        ("", "See [[Goals#Mine]].\n", "[[Goals#Mine]] at other.md:1:5 links into the block and would break"),
        ("", "[x](goals.md#mine)\n", "[x](goals.md#mine) at other.md:1:1 links into the block and would break"),
        ("", f"[[goals#Mine]] (Shah 2023)\n\n{EMPTY}", "[[goals#Mine]] at other.md:1:1 links into the block"),
        ("\n[[#Mine]]\n", "", "[[#Mine]] at goals.md:13:1 links into the block and would break"),
    ],
)
def test_force_does_no_harm_to_what_stands_outside(
    wiki: Path, call: Call, extra: str, elsewhere: str, said: str
) -> None:
    page = f"# Goals\n\nSee (Shah 2023).\n\n## Sources cited\n\n{HASHED}{extra}"
    (wiki / "goals.md").write_text(page)
    (wiki / "other.md").write_text(elsewhere)
    code, out, err = call("backfill", "--force", "--config", 'ignore=["anchors"]')
    assert (code, err) == (1, "")
    assert f"  goals.md:7:1: {'the new block would be reported by ' * said.startswith('unused')}{said}" in out
    assert (wiki / "goals.md").read_text() == page
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()
    assert ("hash=" in (wiki / "other.md").read_text()) == (EMPTY in elsewhere)
    (wiki / "goals.md").write_text(page.replace("hash=00000000 ", "").replace("Mine [^2]. ^mine\n\n### Mine\n", ""))
    (wiki / "other.md").write_text("")
    assert call("backfill", "goals.md")[0] == 0


def test_both_commands_leave_a_block_alone_whose_places_others_link_to(wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text(
        'bibliography = ["refs.bib"]\nignore = ["anchors"]\n'
        '[block]\nforeign-markers = [["%% sources %%", "%% end %%"]]\n'
    )
    page = "# Goals\n\nSee (Shah 2023).\n\n%% sources %%\n### Books\n\n- Goals\n%% end %%\n"
    (wiki / "goals.md").write_text(page)
    (wiki / "other.md").write_text("See [[goals#Books]].\n")
    for command in (("lint", "--fix", "--select", "sources"), ("backfill",)):
        assert call(*command)[0] == 1
        assert (wiki / "goals.md").read_text() == page
        assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()
    (wiki / "other.md").write_text("See [[goals]].\n")
    assert call("lint", "--fix", "--select", "stale-sources")[0] == 0
    assert (wiki / "goals.md").read_text().startswith(page[: page.index("###")] + "<!-- wikitools:hash=")


def test_a_proof_that_fails_stops_one_page(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    check = source_blocks.check_edits

    def failing(path: str, *rest: Any) -> None:
        if path == "goals.md":
            raise source_blocks.FixProofError("goals.md: the text around 3 is not what it was", path)
        check(path, *rest)

    monkeypatch.setattr(source_blocks, "check_edits", failing)
    before = (wiki / "goals.md").read_text()
    code, out, err = call("backfill")
    hint = "this is a bug in wikitools: please report it"
    assert (code, err) == (2, f"error: goals.md: the text around 3 is not what it was ({hint})\n")
    assert "Changed 1 page: 1 source added (2 of 3 pages with a block, 1 not touched).\n" in out
    assert (wiki / "goals.md").read_text() == before
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()
    (wiki / "risks.md").write_text(f"# Risks\n\nSee (Hubinger et al. 2019).\n\n{EMPTY}")
    code, out, err = call("lint", "--fix", "--select", "sources")
    assert code == 2
    assert "not repaired: goals.md: the text around 3" in err
    assert (wiki / "goals.md").read_text() == before
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()


def test_a_second_run_that_would_go_on_stops_one_page(wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = source_blocks.plan

    def restless(facts: Any, path: str, **how: bool) -> Any:
        made = plan(facts, path, **how)
        return dataclasses.replace(made, state=BlockState.UPDATED) if path == "goals.md" else made

    monkeypatch.setattr(source_blocks, "plan", restless)
    before = (wiki / "goals.md").read_text()
    code, _, err = call("backfill")
    assert (code, "goals.md: a second run would change the block again (updated)" in err) == (2, True)
    assert (wiki / "goals.md").read_text() == before
    assert "(https://example.org/risks)" in (wiki / "risks.md").read_text()


def test_lint_leaves_a_block_alone_that_would_change_the_rest(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(wiki)
    monkeypatch.setattr(source_blocks, "reads_alike", lambda *_: False)
    assert call("lint", "--fix", "--select", "stale-sources")[0] == 1
    assert snapshot(wiki) == before
    code, out, _ = call("backfill")
    assert (code, out.count("goals.md:7:1: a block here would change")) == (1, 1)
    assert snapshot(wiki) == before


def test_both_commands_write_the_same(wiki: Path, call: Call) -> None:
    (wiki / "lone.md").write_text("See (Shah 2023).\n")
    before = snapshot(wiki)
    assert call("backfill", "--init")[0] == 0
    by_backfill = snapshot(wiki)
    for path, content in before.items():
        (wiki / path).write_bytes(content)
    assert call("lint", "--fix", "--select", "stale-sources,missing-sources")[0] == 0
    assert snapshot(wiki) == by_backfill


# --- odd files -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_page_behind_links_is_patched_once_and_under_its_own_path(wiki: Path, call: Call) -> None:
    (wiki / "notes/real.md").write_text(f"See (Shah 2023).\n\n{EMPTY}")
    (wiki / "again.md").symlink_to("notes/real.md")
    (wiki / ".hidden").mkdir()
    (wiki / ".hidden/page.md").write_text(f"See (Shah 2023).\n\n{EMPTY}")
    (wiki / "shown.md").symlink_to(".hidden/page.md")
    (wiki / "too.md").symlink_to(".hidden/page.md")
    (wiki.parent / "outside.md").write_text(f"See (Shah 2023).\n\n{EMPTY}")
    (wiki / "out.md").symlink_to("../outside.md")
    subprocess.run(("git", "init", "-q", "."), cwd=wiki, check=True)
    code, patch, err = call("backfill", "--diff", "--follow-links")
    assert (code, err.splitlines()[0]) == (
        1,
        "warning: out.md: a link to a file outside of the repository; not in the patch",
    )
    assert re.findall("^--- (.*)$", patch, re.M) == ["a/goals.md", "a/notes/real.md", "a/risks.md", "a/.hidden/page.md"]
    subprocess.run(("git", "apply", "--check", "-"), input=patch.encode(), cwd=wiki, check=True)
    subprocess.run(("git", "apply", "-"), input=patch.encode(), cwd=wiki, check=True)
    assert (wiki / "too.md").is_symlink()
    assert call("backfill", "--check")[0] == 0
    assert "hash=" not in (wiki.parent / "outside.md").read_text()
    assert call("backfill", "-v", "--follow-links")[1].count("\n  + ") == 1  # out.md
    assert call("backfill", "--check", "--follow-links")[0] == 0
    assert "hash=" in (wiki.parent / "outside.md").read_text()


def test_a_page_without_any_right_to_write_is_left_alone_by_root_too(wiki: Path, call: Call) -> None:
    before = (wiki / "goals.md").read_text()
    (wiki / "goals.md").chmod(0o444)
    code, out, err = call("backfill")
    assert (code, err.splitlines()) == (
        2,
        ["error: goals.md: read-only; not written", "error: 1 of 2 changed pages were not written"],
    )
    assert "Changed 1 page: 1 source added (2 of 3 pages with a block, 1 not touched)." in out
    assert (wiki / "goals.md").read_text() == before
    assert call("lint", "--fix", "--select", "stale-sources")[0] == 2
    assert (wiki / "goals.md").read_text() == before
