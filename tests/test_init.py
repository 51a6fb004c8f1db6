"""The first configuration of a wiki: what is found becomes settings, and lint works right after."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from wikitools.block.listing_habits import find_block_habit
from wikitools.cli.app import run
from wikitools.config import load_settings
from wikitools.markdown.parse import parse

FIXTURES = Path(__file__).parent.parent / "fixtures"


def pages(*texts: str) -> list[object]:
    return [parse(f"{number}.md", text) for number, text in enumerate(texts)]


def test_how_sources_are_listed() -> None:
    numbered = "# A\n\n### References\n\nSome words.\n\n1. One\n2. Two\n"
    bulleted = "# A\n\n## Sources\n\n- One\n"
    habit = find_block_habit(pages(numbered, numbered, numbered, bulleted))
    assert habit is not None
    assert (habit.heading, habit.level, habit.numbered, habit.pages) == ("References", 3, True, 3)
    assert habit.others == (("Sources", 2, 1),)


@pytest.mark.parametrize(
    "text",
    ["# A\n", "# A\n\n## References\n\nNo list.\n", "# References\n\n## One\n\n- item\n", "## My sources\n\n- One\n"],
)
def test_what_is_no_list_of_sources(text: str) -> None:
    assert find_block_habit(pages(text, text, text)) is None


@pytest.mark.parametrize("name", ["wiki-clean", "wiki-mesa"])
def test_lint_works_right_after(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "wiki"
    shutil.copytree(FIXTURES / name, root)
    before = run(["lint", str(root)]), capsys.readouterr().out
    (root / "wikitools.toml").unlink()
    assert run(["init", str(root)]) == 0
    said = capsys.readouterr()
    assert said.out == f"Wrote {root}/wikitools.toml\n"
    assert "engine: obsidian" in said.err
    assert 'next: "wikitools lint --statistics"' in said.err
    assert (run(["lint", str(root)]), capsys.readouterr().out) == before
    assert run(["init", str(root)]) == 2


def test_what_is_found_becomes_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("1. Templates", "archive", "notes"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.md").write_text(
            f'---\ntitle: "{folder}"\ntags: [x]\n---\n# P\n\n## References\n\n1. One\n'
        )
    (tmp_path / "all.bib").write_text("@book{a, title = {A}, author = {B, C}, year = {2000}}\n")
    assert run(["init", "--dry-run", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    found = load_settings(str(tmp_path), [(str(tmp_path / "wikitools.toml"), text)])
    assert (found.bibliography, found.exclude) == (("all.bib",), ())
    assert (found.block.heading, found.block.heading_level, found.block.numbered) == ("References", 2, True)
    assert "# Front matter: 3 of 3 pages (title 3, tags 3)\n" in text
    assert '# exclude = ["1. Templates/", "archive/"]\n' in text
    assert '# "archive/**" = ["links"]\n' in text
    assert not (tmp_path / "wikitools.toml").exists()


def test_source_notes_and_pages_without_a_block_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path, text in {
        "README.md": "# Readme\n",
        "page.md": "# Page\n",
        "maps/one.md": "---\ntype: index\n---\n",
        "maps/two.md": "---\ntype: MOC\n---\n",
        "notes/day.md": "---\ntype: log\n---\n",
        "notes/thought.md": "---\ntype: idea\n---\n",
        "sources/a.md": "---\ntitle: A\nurl: https://a.example\n---\n",
        "sources/b.md": "---\ntitle: B\ndoi: 10.1000/182\n---\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    assert run(["init", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert "bibliographies: 2 source notes, in sources/\n" in said
    assert "no block on 1 page about the wiki itself: README.md\n" in said
    assert 'no block on /maps/**: its pages say "type: moc"\n' in said
    text = (tmp_path / "wikitools.toml").read_text()
    assert "# Besides files: 2 source notes, in sources/.\n" in text
    style = load_settings(str(tmp_path), [(str(tmp_path / "wikitools.toml"), text)]).block
    wanted = {path: style.wants_block(path) for path in ("README.md", "page.md", "maps/one.md", "notes/day.md")}
    assert wanted == {"README.md": False, "page.md": True, "maps/one.md": False, "notes/day.md": False}
    assert style.wants_block("notes/thought.md")


def test_lists_and_new_blocks_are_counted_as_backfill_counts_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = "## Sources\n\n- [A](https://example.org/a)\n"
    lay_out(
        tmp_path,
        {
            "all.bib": "@book{a, title={A}, author={Orr, Ann}, year={2000}, url={https://example.org/a}}\n",
            **{f"{name}.md": f"# P\n\nKelp (Orr 2000).\n\n{own}" for name in ("one", "two")},
            "three.md": "# P\n\nKelp (Orr 2000).\n\n**Papers**\n- Orr, A. (2000). A. Press.\n",
            "uncited.md": f"# P\n\nNo citation.\n\n{own}",
            "listless.md": "# P\n\nKelp (Orr 2000).\n",
            "README.md": "# P\n\nKelp (Orr 2000).\n",
        },
    )
    assert run(["init", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert "no block on 3 pages with a hand-written list of sources\n" in said
    assert '"wikitools backfill --init" would add a block to 1 page\n' in said
    assert run(["backfill", "--init", "--dry-run", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "No block on 3 pages with a hand-written list of sources" in said
    assert "Would change 1 page" in said


def test_rules_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    assert run(["explain", "--output-format", "json", "broken_wikilink"]) == 0
    (rule,) = json.loads(capsys.readouterr().out)["rules"]
    assert (rule["rule"], rule["group"], rule["severity"]) == ("broken-wikilink", "links", "error")
    assert rule["page"].startswith("# broken-wikilink\n")
    assert run(["explain", "--output-format", "json", "anchors"]) == 0
    assert {each["group"] for each in json.loads(capsys.readouterr().out)["rules"]} == {"anchors"}
    assert run(["explain", "--output-format", "json", "brokn-wikilink"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        'error: no rule or group is named "brokn-wikilink" (did you mean "broken-wikilink"?)\n',
    )


def engine_of(root: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what `init` proposes for a folder."""
    assert run(["init", "--dry-run", str(root)]) == 0
    said = capsys.readouterr()
    return load_settings(str(root), [(str(root / "wikitools.toml"), said.out)]).engine


def lay_out(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.mark.parametrize("mark", [{}, {".obsidian/app.json": "{}"}])
def test_a_vault_stays_one_of_obsidian_when_another_engine_forgives_more(
    mark: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = {f"notes/Page {number}.md": "# P\n" for number in range(40)}
    many = {f"{number}.md": "".join(f"[[Page {each}]]\n" for each in range(40)) for number in range(5)}
    # Written from memory: broken in Obsidian, fine in engines that read dashes as spaces. Twelve of 212.
    slips = {"slips.md": "".join(f"[[page-{each}]]\n" for each in range(12))}
    lay_out(tmp_path, {**pages, **many, **slips, **mark})
    assert engine_of(tmp_path, capsys) == "obsidian"


def test_against_a_mark_many_links_must_speak(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = {f"page-{number}.md": "# P\n" for number in range(20)}
    links = "".join(f"[[page-{each}]]\n" for each in range(16)) + "".join(f"[[Page {each}]]\n" for each in range(4))
    lay_out(tmp_path, {**pages, "index.md": links})
    assert engine_of(tmp_path, capsys) != "obsidian"
    (tmp_path / ".obsidian").mkdir()
    assert engine_of(tmp_path, capsys) == "obsidian"
    (tmp_path / "index.md").write_text("".join(f"[[Page {each}]]\n" for each in range(20)))
    assert engine_of(tmp_path, capsys) != "obsidian"


def test_forgiving_engines_are_not_chosen_for_plain_markdown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = {f"a/{number}.md": f"[x]({(number + 1) % 40}.md)\n" for number in range(40)}
    lay_out(tmp_path, {**pages, "b/gone.md": "# G\n", "index.md": "[x](gone.md) [y](z/gone.md) [z](q/gone.md)\n"})
    assert engine_of(tmp_path, capsys) == "markdown"


@pytest.mark.parametrize("strategy", ["shortest", "absolute", "relative"])
@pytest.mark.parametrize("folder", ["content", "content/deep"])
def test_quartz_says_how_it_reads_links(
    strategy: str, folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = (
        "const config: QuartzConfig = {\n"
        '  configuration: { baseUrl: "example.org", ignorePatterns: ["private", "**/*.draft.md"] },\n'
        '  // Plugin.CrawlLinks({ markdownLinkResolution: "relative" }),\n'
        f'  plugins: {{ transformers: [Plugin.CrawlLinks({{ markdownLinkResolution: "{strategy}" }})] }},\n'
        "}\n"
    )
    lay_out(
        tmp_path,
        {
            "quartz.config.ts": config,
            f"{folder}/index.md": "[[other]]\n",
            f"{folder}/other.md": "# O\n",
            f"{folder}/.obsidian/app.json": "{}",
        },
    )
    wanted = "quartz" if strategy == "shortest" else f"quartz-{strategy}"
    assert engine_of(tmp_path / folder, capsys) == wanted
    assert run(["init", "--dry-run", str(tmp_path)]) == 0
    assert "quartz.config.ts makes the site of content/: run `wikitools init content`" in capsys.readouterr().err


def test_what_lint_does_not_report_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = {f"pages/p{number}.md": f"- [[Word {number}]] [[p1]]\n" for number in range(40)}
    lay_out(tmp_path, {**pages, "logseq/config.edn": "{}", "pages/slip.md": "- [x](gone.md)\n"})
    assert run(["init", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert "41 of 81 links are broken; 40 of these lead to pages that are not written yet, which is no error" in said
    assert "dead links" not in said
    figures = (tmp_path / "wikitools.toml").read_text()
    assert "#   (logseq: 40 of them to pages that are not written yet, no error there)\n" in figures
    assert run(["lint", str(tmp_path)]) == 1
    assert "Found 1 problem in 1 page: 1 error (41 pages)" in capsys.readouterr().out


def test_quartz_without_a_word_reads_links_from_the_root(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(
        tmp_path, {"quartz.config.ts": "plugins: [Plugin.CrawlLinks()]", "content/a.md": "[[b]]", "content/b.md": ""}
    )
    assert engine_of(tmp_path / "content", capsys) == "quartz-absolute"


@pytest.mark.parametrize("mark", ["_Sidebar.md", "_Footer.md", "Home.md"])
def test_pages_that_mark_wikis_on_github(mark: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(tmp_path, {mark: "[[The Tracker]] and [[a guide|Guide]]\n", "The-Tracker.md": "# T\n", "Guide.md": "# G\n"})
    assert engine_of(tmp_path, capsys) == "github-wiki"


def test_a_home_page_alone_makes_no_wiki_on_github(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(tmp_path, {"Home.md": "[[My Notes]]\n", "My Notes.md": "[[Home|back]]\n"})
    assert engine_of(tmp_path, capsys) == "obsidian"


@pytest.mark.parametrize(
    "plugins",
    [
        "  - search\n  - roamlinks\n",
        '  - "roamlinks":\n      x: 1\n',
        "  search: {}\n  roamlinks: {}\n",
        "  [search, roamlinks]\n",
    ],
)
@pytest.mark.parametrize("folder", [".", "docs", "docs/deep"])
def test_the_configuration_of_mkdocs_beside_the_folder(
    plugins: str, folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(
        tmp_path,
        {
            "mkdocs.yml": f"site_name: x\n# - ezlinks\nplugins:\n{plugins}",
            "docs/deep/index.md": "[[page two]] [[page two]] [[page two]] [[page two]]\n",
            "docs/deep/page-two.md": "# P\n",
        },
    )
    assert engine_of(tmp_path / folder, capsys) == "mkdocs-roamlinks"


@pytest.mark.parametrize(
    ("name", "config", "content"),
    [
        ("hugo.toml", "title = 'Kelp'\n", "content"),
        ("hugo.yaml", "contentDir: texts\n", "texts"),
        ("config.toml", "baseURL = 'https://example.org/'\n", "content"),
        ("config/_default/hugo.json", '{"contentDir": "texts/"}\n', "texts"),
    ],
)
def test_hugo_says_where_pages_are(
    name: str, config: str, content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    links = '[a](/posts/kelp/) [b](posts/kelp.md#the-kelp) [c]({{< relref "kelp.md" >}})\n'
    lay_out(tmp_path, {f"{content}/_index.md": links, f"{content}/posts/kelp.md": "# The kelp\n"})
    # Without the configuration it is a wiki like others; with it, the engine that knows addresses.
    assert "hugo" not in (run(["init", "--dry-run", str(tmp_path)]), *capsys.readouterr())[1]
    lay_out(tmp_path, {name: config, "archetypes/posts.md": '---\ntitle: "{{ replace .Name "-" " " }}"\n---\n'})
    assert run(["init", "--dry-run", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert f"{name} makes the site of {content}/: run `wikitools init {content}`" in said.err
    assert '# exclude = ["archetypes/"]\n' in said.out
    assert run(["init", str(tmp_path / content)]) == 0
    said = capsys.readouterr()
    assert f"engine: slug (../{name} is there, and 0 of 2 links are broken)\n" in said.err
    assert f"anchors: hugo, because of ../{name}; no engine reads all links as Hugo does" in said.err
    assert 'engine = "slug"\nanchors = "hugo"\n' in (tmp_path / content / "wikitools.toml").read_text()
    assert run(["lint", str(tmp_path / content)]) == 0


@pytest.mark.parametrize(
    ("name", "config", "pages", "anchors"),
    [
        ("mkdocs.yml", "docs_dir: texts\n", "texts", "python-markdown"),
        ("zensical.toml", '[project]\ndocs_dir = "texts" # here\n', "texts", "python-markdown"),
        ("_quarto.yml", "project:\n  type: website\n", ".", "pandoc"),
    ],
)
def test_the_program_that_renders_pages_makes_the_anchors(  # noqa: PLR0917  # pytest passes them by name
    name: str, config: str, pages: str, anchors: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(tmp_path, {name: config, f"{pages}/index.md": "[here](#here) []{#here}\n[](){#here}\n"})
    folder = tmp_path / pages
    assert run(["init", str(folder)]) == 0
    assert f"anchors: {anchors}, because of {'../' if pages != '.' else ''}{name}\n" in capsys.readouterr().err
    assert f'\nanchors = "{anchors}"\n' in (folder / "wikitools.toml").read_text()
    assert run(["lint", str(folder)]) == 0


@pytest.mark.parametrize(
    "plugins",
    ["plugins:\n  - autorefs\n", "markdown_extensions:\n  - pymdownx.snippets:\n      auto_append: [refs.md]\n"],
)
def test_references_that_a_plugin_defines(plugins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(tmp_path, {"mkdocs.yml": plugins, "docs/index.md": "[the cart][shop.cart]\n"})
    assert run(["init", str(tmp_path / "docs")]) == 0
    assert "ignore: undefined-reference, as ../mkdocs.yml loads a plugin" in capsys.readouterr().err
    assert run(["lint", str(tmp_path / "docs")]) == 0


def test_another_programs_config_is_not_hugos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(tmp_path, {"config.toml": "[server]\nport = 1\n", "content/a.md": "# A\n"})
    assert run(["init", "--dry-run", str(tmp_path)]) == 0
    assert "hugo" not in "".join(capsys.readouterr())


def test_a_pipe_in_place_of_another_programs_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import os

    lay_out(tmp_path, {"a.md": "[[b]]\n", "b.md": ""})
    os.mkfifo(tmp_path / "mkdocs.yml")
    os.mkfifo(tmp_path / "quartz.config.ts")
    assert engine_of(tmp_path, capsys) == "obsidian"


@pytest.mark.parametrize(
    ("folder", "pattern"), [("log", "/log/"), ("a/2. Raw", "a/2. Raw/"), ("[day]", r"/\\[day\\]/")]
)
def test_folders_with_most_dead_links_are_named(
    folder: str, pattern: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = {f"notes/{number}.md": "[[1]]\n" for number in range(30)}
    lay_out(tmp_path, {**pages, "index.md": "[[gone]] [[1]]\n"})
    lay_out(tmp_path, {f"{folder}/{number}.md": "[[gone]]\n" * 30 for number in (98, 99)})
    assert run(["init", "--dry-run", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert f"most dead links: {folder}/ has 60 of 61 dead links, on 2 of 33 pages\n" in said.err
    assert f'exclude = ["{pattern}"] leaves it out; not set\n' in said.err
    assert f'# exclude = ["{pattern}"]\n' in said.out
    # What is copied has that very effect.
    (tmp_path / "wikitools.toml").write_text(f'exclude = ["{pattern}"]\n')
    assert run(["lint", "--no-cache", str(tmp_path)]) == 1
    assert "Found 1 problem in 1 page: 1 error (31 pages)" in capsys.readouterr().out


def test_a_folder_that_others_link_to_is_not_proposed_to_be_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(tmp_path, {f"inbox/{number}.md": "[[note 1]] [[note 2]]\n" for number in range(30)})
    lay_out(tmp_path, {f"notes/note {number}.md": "[[gone]]\n" * 60 for number in (1, 2)})
    assert run(["init", "--dry-run", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "most dead links: notes/ has 120 of 120 dead links, on 2 of 32 pages\n" in said.err
    assert "leaves it out" not in said.err
    assert '# exclude = ["drafts/"]\n' in said.out
    assert run(["lint", "--no-cache", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "notes/ has 120 of 120 problems, on 2 of 32 pages.\n" in said.out


def test_lint_names_the_folder_that_holds_most(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = {f"notes/{number}.md": "[[1]]\n" for number in range(30)}
    lay_out(tmp_path, {**pages, "a/raw/x.md": "".join(f"[[gone {n}]]\n" for n in range(120)), "b.md": "[[gone]]\n"})
    hint = 'a/raw/ has 120 of 121 problems, on 1 of 32 pages; exclude = ["a/raw/"] leaves it out.\n'
    for options in ([], ["--statistics"], ["--output-format", "concise"]):
        assert run(["lint", "--no-cache", "--select", "broken-wikilink", *options, str(tmp_path)]) == 1
        assert hint in capsys.readouterr().out
    # For a part of the wiki, nothing is reported.
    assert run(["lint", "--no-cache", "--select", "broken-wikilink", str(tmp_path / "a")]) == 1
    assert "holds" not in capsys.readouterr().out
    assert run(["lint", "--no-cache", "-q", "--select", "broken-wikilink", str(tmp_path)]) == 1
    assert "holds" not in capsys.readouterr().out


def test_comments_of_the_file_fit_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fields = "".join(f"a_long_name_of_a_field_{number}: 1\n" for number in range(6))
    lay_out(tmp_path, {f"a folder with a long name {number}/x.md": f"---\n{fields}---\n" for number in range(5)})
    assert run(["init", "--dry-run", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "a_long_name_of_a_field_5 5)\n" in text


def test_decisions_break_between_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from wikitools.cli import init

    monkeypatch.setattr(init, "columns", lambda *_: 40)
    lay_out(tmp_path, {"a.md": "[[b]] [[gone]]\n", "b.md": ""})
    assert run(["init", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert "engine: obsidian (1 of 2 links are\n  broken; no other engine leaves clearly\n  fewer)\n" in said
    assert max(map(len, said.splitlines())) <= 40
