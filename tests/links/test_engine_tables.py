"""Links under each engine: one table each, one named row for each rule of the engine."""

from __future__ import annotations

import pytest
from small_wikis import link, page, shown, wiki

from wikitools.markdown.page import MarkdownLink, Page
from wikitools.text import Span
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.resolution import Found, Missing, Reason

Row = tuple[str, str, object]


SITE = (
    "index.md",
    "Top.md",
    "Q&A.md",
    "50% off.md",
    "Really?.md",
    "Note v1.2.md",
    "a/index.md",
    "a/Page One.md",
    "a/Twin.md",
    "b/Twin.md",
    "b/deep/Only.md",
    "img/a photo.png",
    "docs/_index.md",
    page("c/Renamed.md", aliases=["old/Name", "Nick Name"], permalink="/short", tags=["topic/sub", "x"]),
    page("c/Tagged.md", tags="one, two"),
)

QUARTZ: dict[str, Row] = {
    "unique name in any folder": ("Only", "index.md", "b/deep/Only.md"),
    "suffix may be written": ("Only.md", "index.md", "b/deep/Only.md"),
    "case counts": ("only", "index.md", "case-differs"),
    "blanks are dashes": ("Page-One", "index.md", "a/Page One.md"),
    "blanks as they are": ("Page One", "index.md", "a/Page One.md"),
    "ampersand": ("Q&A", "index.md", "Q&A.md"),
    "ampersand in words": ("Q-and-A", "index.md", "Q&A.md"),
    "percent sign": ("50% off", "index.md", "50% off.md"),
    "question mark goes": ("Really", "index.md", "Really?.md"),
    "dot in a name": ("Note v1.2", "index.md", "Note v1.2.md"),
    "percent-encoding is decoded": ("Page%20One", "index.md", "a/Page One.md"),
    "path from the root": ("b/deep/Only", "a/Twin.md", "b/deep/Only.md"),
    "end of a path is no path": ("deep/Only", "index.md", "wrong-folder"),
    "of twins the one at the root only": ("Twin", "a/Page One.md", "wrong-folder"),
    "twin by its path": ("b/Twin", "a/Page One.md", "b/Twin.md"),
    "dots are read from the root": ("../Top", "b/deep/Only.md", "Top.md"),
    "two dots too many": ("../../Top", "b/deep/Only.md", "outside-root"),
    "picture by its name": ("a photo.png", "index.md", "img/a photo.png"),
    "picture without its suffix": ("a photo", "index.md", "no-such-page"),
    "folder with an index": ("a", "Top.md", "a/index.md"),
    "folder with an index and a slash": ("a/", "Top.md", "a/index.md"),
    "folder with _index": ("docs", "Top.md", "docs/_index.md"),
    "folder without an index": ("b/deep", "Top.md", "b/deep/"),
    "folder of pictures has no page": ("img", "Top.md", "no-such-page"),
    "the root": ("/", "a/Twin.md", "index.md"),
    "alias": ("Nick Name", "index.md", "c/Renamed.md"),
    "alias with a folder": ("old/Name", "index.md", "c/Renamed.md"),
    "permalink": ("short", "index.md", "c/Renamed.md"),
    "tag": ("tags/topic/sub", "index.md", "tags/topic/sub/"),
    "tag above a tag": ("tags/topic", "index.md", "tags/topic/"),
    "tag in a string of several": ("tags/two", "index.md", "tags/two/"),
    "missing": ("Zzyzx", "index.md", "no-such-page"),
    "placeholder": ("...", "index.md", "placeholder"),
}

QUARTZ_ABSOLUTE: dict[str, Row] = {
    "path from the root": ("a/Twin", "b/Twin.md", "a/Twin.md"),
    "a name is a path": ("Only", "b/deep/Only.md", "wrong-folder"),
    "name at the root": ("Top", "b/deep/Only.md", "Top.md"),
    "dots are read from the root": ("./Top", "b/deep/Only.md", "Top.md"),
    "alias from the root": ("old/Name", "b/Twin.md", "c/Renamed.md"),
}

QUARTZ_RELATIVE: dict[str, Row] = {
    "beside the page": ("Twin", "a/Page One.md", "a/Twin.md"),
    "below the page": ("deep/Only", "b/Twin.md", "b/deep/Only.md"),
    "up": ("../b/Twin", "a/Page One.md", "b/Twin.md"),
    "root name from below": ("Top", "a/Page One.md", "wrong-folder"),
    "leading slash means nothing": ("/Twin", "a/Page One.md", "a/Twin.md"),
    "out of the root": ("../../Top", "a/Page One.md", "outside-root"),
    "case": ("../b/twin", "a/Page One.md", "case-differs"),
}

FOAM_FILES = (
    "index.md",
    "Note.md",
    "a/note.md",
    "a/Only here.md",
    "b/README.md",
    "c/index.md",
    "c/readme.md",
    "x/two.md",
    "y/two.md",
    "x/Same.md",
    "y/same.md",
    "img/Pic.png",
    "data.csv",
    page("z/file.md", title="Great Title", aliases=["Other Name"]),
)
FOAM: dict[str, Row] = {
    "unique name": ("only here", "index.md", "a/Only here.md"),
    "end of a path": ("a/note", "index.md", "a/note.md"),
    "exact case first": ("note", "index.md", "a/note.md"),
    "exact case first, in capitals": ("Note", "a/note.md", "Note.md"),
    "several of one case": ("two", "y/two.md", ("x/two.md", "y/two.md")),
    "several, none of the case": ("SAME", "index.md", "case-differs"),
    "suffix": ("Note.md", "index.md", "Note.md"),
    "attachment": ("pic.png", "index.md", "img/Pic.png"),
    "attachment without its suffix": ("Pic", "index.md", "no-such-page"),
    "folder by README": ("b", "index.md", "b/README.md"),
    "index before README": ("c", "index.md", "c/index.md"),
    "relative": ("./note", "a/x.md", "a/note.md"),
    "relative falls back nowhere": ("./Only here", "index.md", "wrong-folder"),
    "root": ("/a/note", "b/README.md", "a/note.md"),
    "out of the root": ("../../x", "a/note.md", "outside-root"),
    "no alias": ("Other Name", "index.md", "alias-only"),
    "no title": ("Great Title", "index.md", "title-only"),
}

DENDRON_FILES = (
    "vault/root.md",
    "vault/proj.topic.one.md",
    "vault/Mixed.Case.md",
    "vault/shared.md",
    "other/shared.md",
    "vault/assets/pic.png",
    "dendron.yml",
)
DENDRON: dict[str, Row] = {
    "name with dots": ("proj.topic.one", "other/shared.md", "vault/proj.topic.one.md"),
    "suffix may be written": ("root.md", "vault/shared.md", "vault/root.md"),
    "label first": ("See this|root", "vault/shared.md", "vault/root.md"),
    "label first, with an anchor": ("See this|root#top", "vault/shared.md", "vault/root.md"),
    "target first is reversed": ("root|See this", "vault/shared.md", "looks-reversed"),
    "case does not count": ("mixed.case", "vault/root.md", "vault/Mixed.Case.md"),
    "a parent has no file": ("proj.topic", "vault/root.md", "no-such-page"),
    "own vault": ("shared", "other/shared.md", "other/shared.md"),
    "several vaults": ("shared", "dendron.md", ("other/shared.md", "vault/shared.md")),
    "vault named": ("dendron://other/shared", "vault/root.md", "other/shared.md"),
    "vault that is not here": ("dendron://elsewhere/note", "vault/root.md", "other-wiki"),
    "vault that is here": ("dendron://other/note", "vault/root.md", "no-such-page"),
    "no notes below that, in a vault that is here": ("dendron://other/note.*", "vault/root.md", "no-such-page"),
    "notes below that, in a vault that is not here": ("dendron://elsewhere/note.*", "vault/root.md", "other-wiki"),
    "note in a vault whose folder is named otherwise": ("dendron://site/root", "other/shared.md", "vault/root.md"),
    "asset": ("/assets/pic.png", "vault/root.md", "vault/assets/pic.png"),
    "file": ("/dendron.yml", "vault/root.md", "dendron.yml"),
    "filter": ("root>x", "vault/shared.md", "vault/root.md"),
    "folders are no names": ("vault/root", "vault/shared.md", "wrong-folder"),
    "this page": ("#head", "vault/shared.md", "vault/shared.md"),
}

GOLLUM_FILES = ("Home.md", "C# notes.md", "a/Page.md", "a/Other page.md", "b/Page.md", "img/pic.png", "a/My-Page.md")
GOLLUM: dict[str, Row] = {
    "beside the page": ("Other page", "a/Page.md", "a/Other page.md"),
    "label first": ("words|Other page", "a/Page.md", "a/Other page.md"),
    "not from elsewhere": ("Other page", "Home.md", "wrong-folder"),
    "path from the page": ("a/Page", "Home.md", "a/Page.md"),
    "path from the root": ("/b/Page", "a/Page.md", "b/Page.md"),
    "up": ("../b/Page", "a/Page.md", "b/Page.md"),
    "suffix": ("Page.md", "a/Other page.md", "a/Page.md"),
    "case counts": ("page", "a/Other page.md", "case-differs"),
    "blanks count": ("My Page", "a/Page.md", "space-or-dash"),
    "hash in a name": ("C# notes", "Home.md", "C# notes.md"),
    "hash in a name and an anchor": ("C# notes#intro", "Home.md", "C# notes.md"),
    "anchor": ("words|a/Page#part", "Home.md", "a/Page.md"),
    "picture first": ("img/pic.png|frame", "Home.md", "img/pic.png"),
    "out of the root": ("../../x", "a/Page.md", "outside-root"),
    "target first is reversed": ("Home|the front page", "b/x.md", "no-such-page"),
    "target first is reversed, beside it": ("Page|the other page", "a/Other page.md", "looks-reversed"),
}

GITHUB_FILES = (
    "Home.md",
    "Foo-Bar.md",
    "sub/Deep-Page.md",
    "x/Twice.md",
    "y/Twice.md",
    "images/pic.png",
    "x/deep/only.png",
    ".NET-Notes.md",
    "_Sidebar.md",
)
GITHUB_WIKI: dict[str, Row] = {
    "blanks are dashes": ("Foo Bar", "Home.md", "Foo-Bar.md"),
    "dot in front": (".NET Notes", "Home.md", ".NET-Notes.md"),
    "dashes": ("Foo-Bar", "Home.md", "Foo-Bar.md"),
    "case does not count": ("foo bar", "Home.md", "Foo-Bar.md"),
    "label first": ("that page|Foo Bar#part", "Home.md", "Foo-Bar.md"),
    "page in a folder": ("Deep Page", "Home.md", "sub/Deep-Page.md"),
    "folders are no part of names": ("sub/Deep-Page", "Home.md", "wrong-folder"),
    "suffix is no part of names": ("Home.md", "Foo-Bar.md", "wrong-folder"),
    "two of one name": ("Twice", "Home.md", ("x/Twice.md", "y/Twice.md")),
    "file": ("images/pic.png", "Home.md", "images/pic.png"),
    "file from the root": ("/images/pic.png", "Home.md", "images/pic.png"),
    "missing": ("Fooo Barr", "Home.md", "no-such-page"),
}

ROAMLINKS_FILES = ("index.md", "git_flow.md", "a/Two Words.md", "a/same.md", "b/same.md", "img/Pic-1.png", "b/v1.2.md")
ROAMLINKS: dict[str, Row] = {
    "blanks, dashes and underscores are nothing": ("Git Flow", "index.md", "git_flow.md"),
    "all together": ("twowords", "index.md", "a/Two Words.md"),
    "case does not count": ("TWO-WORDS", "index.md", "a/Two Words.md"),
    "suffix": ("Git Flow.md", "index.md", "git_flow.md"),
    "picture": ("pic 1.png", "index.md", "img/Pic-1.png"),
    "picture without its suffix": ("pic 1", "index.md", "no-such-page"),
    "the last of several wins": ("same", "a/same.md", ("b/same.md", "a/same.md")),
    "path from the root": ("a/same", "b/same.md", "a/same.md"),
    "path to the letter": ("a/two words", "index.md", "wrong-folder"),
    "path with a dot gets no suffix": ("b/v1.2", "index.md", "wrong-folder"),
    "path with its suffix": ("b/v1.2.md", "index.md", "b/v1.2.md"),
}

EZLINKS_FILES = (
    "index.md",
    "page-name.md",
    "Capital.md",
    "folder/note-v12.md",
    "folder/note-v1.2.md",
    "folder/index.md",
    "other/thing.md",
    "x/deep/thing.md",
    "x/puppy.png",
)
EZLINKS: dict[str, Row] = {
    "slug": ("Page Name", "folder/note-v12.md", "page-name.md"),
    "only files named like slugs are found": ("Capital", "index.md", "not-linkable"),
    "dots go": ("Note v1.2", "index.md", "folder/note-v12.md"),
    "unique name, whatever folder": ("wrong/Page Name", "index.md", "page-name.md"),
    "beside the page": ("../folder", "x/deep/thing.md", "folder/index.md"),
    "a folder is no page": ("Deep", "x/page.md", "no-such-page"),
    "nearest": ("thing", "x/deep/page.md", "x/deep/thing.md"),
    "end of a path": ("deep/thing", "index.md", "x/deep/thing.md"),
    "several, none near": ("thing", "folder/index.md", ("other/thing.md", "x/deep/thing.md")),
    "picture without its suffix": ("Puppy", "index.md", "x/puppy.png"),
    "picture with its suffix": ("puppy.png", "index.md", "space-or-dash"),
}

LOGSEQ_FILES = (
    "pages/Some Page.md",
    "pages/a___b.md",
    "pages/what%3F.md",
    "pages/file name.md",
    page("pages/other.md", "title:: Real Title\nalias:: Nick, [[Second, Name]], #tag\n- text"),
    page("pages/yaml.md", title="From Yaml"),
    page("pages/late.md", "- text\n- title:: not a page property"),
    page("pages/bullet.md", "- title:: In A Bullet"),
    "journals/2024_01_05.md",
    "logseq/bak/pages/old.md",
    "assets/pic.png",
    "pages/Org Mode.org",
    "pages/old.name.md",
    "journals/2024_01_06.org",
    "diary/2024-01-07.md",
    "graphs/two/logseq/config.edn",
    "graphs/two/assets/own.png",
)
LOGSEQ: dict[str, Row] = {
    "name": ("Some Page", "journals/2024_01_05.md", "pages/Some Page.md"),
    "case does not count": ("some page", "pages/other.md", "pages/Some Page.md"),
    "namespace": ("a/b", "pages/other.md", "pages/a___b.md"),
    "encoded character": ("what?", "pages/other.md", "pages/what%3F.md"),
    "title": ("real title", "pages/yaml.md", "pages/other.md"),
    "a title takes the place of the name": ("other", "pages/yaml.md", "unwritten"),
    "alias": ("nick", "pages/yaml.md", "pages/other.md"),
    "alias in brackets": ("Second, Name", "pages/yaml.md", "pages/other.md"),
    "alias with a hash": ("tag", "pages/yaml.md", "pages/other.md"),
    "title of the front matter": ("From Yaml", "pages/other.md", "pages/yaml.md"),
    "properties stand first": ("not a page property", "pages/other.md", "unwritten"),
    "properties of a first bullet": ("in a bullet", "pages/other.md", "pages/bullet.md"),
    "day as the journal's title": ("Jan 5th, 2024", "pages/other.md", "journals/2024_01_05.md"),
    "day in numbers": ("2024-01-05", "pages/other.md", "journals/2024_01_05.md"),
    "day without a journal": ("Feb 6th, 2024", "pages/other.md", "placeholder"),
    "hash belongs to the name": ("Some Page#part", "pages/other.md", "unwritten"),
    "bar belongs to the name": ("Some Page|label", "pages/other.md", "unwritten"),
    "old copies are no pages": ("old", "pages/other.md", "unwritten"),
    "every name is a page": ("Nobody", "pages/other.md", "unwritten"),
    "page in Org mode": ("org mode", "pages/other.md", "pages/Org Mode.org"),
    "journal in Org mode": ("Jan 6th, 2024", "pages/other.md", "journals/2024_01_06.org"),
    "journal in another folder": ("2024/01/07", "pages/other.md", "diary/2024-01-07.md"),
    "namespace of an older graph": ("old/name", "pages/other.md", "pages/old.name.md"),
    "dot in a name": ("old.name", "pages/other.md", "pages/old.name.md"),
    "file": ("../assets/pic.png", "pages/other.md", "assets/pic.png"),
    "file that is gone": ("../assets/no.png", "pages/other.md", "asset-missing"),
    "address": ("https://example.org", "pages/other.md", "web-address"),
    "slashes at the ends": ("/a/b/", "pages/other.md", "pages/a___b.md"),
}

SLUG_FILES = (
    "index.md",
    "topics/Inner Alignment.md",
    "x/twin_page.md",
    "y/Twin Page.md",
    page("topics/elk.md", title="Eliciting Latent Knowledge", aliases=["E L K"]),
)
SLUG: dict[str, Row] = {
    "dashes": ("inner-alignment", "index.md", "topics/Inner Alignment.md"),
    "underscores": ("Inner_Alignment", "index.md", "topics/Inner Alignment.md"),
    "path": ("topics/inner-alignment", "index.md", "topics/Inner Alignment.md"),
    "title": ("eliciting-latent-knowledge", "index.md", "topics/elk.md"),
    "alias": ("e-l-k", "index.md", "topics/elk.md"),
    "several are reported": ("twin-page", "index.md", ("x/twin_page.md", "y/Twin Page.md")),
    "relative": ("./elk", "topics/x.md", "topics/elk.md"),
    "relative falls back nowhere": ("./elk", "index.md", "wrong-folder"),
    "missing": ("nothing", "index.md", "no-such-page"),
}

MARKDOWN_FILES = ("README.md", "docs/Guide.md", "docs/pic.png", "other/Page.md")
MARKDOWN: dict[str, Row] = {
    "path from the page": ("Guide", "docs/x.md", "docs/Guide.md"),
    "suffix": ("../other/Page.md", "docs/x.md", "other/Page.md"),
    "root": ("/docs/Guide", "other/Page.md", "docs/Guide.md"),
    "not from elsewhere": ("Guide", "README.md", "wrong-folder"),
    "case counts": ("guide", "docs/x.md", "case-differs"),
}

TABLES = {
    "quartz": (QUARTZ, SITE),
    "quartz-absolute": (QUARTZ_ABSOLUTE, SITE),
    "quartz-relative": (QUARTZ_RELATIVE, SITE),
    "foam": (FOAM, FOAM_FILES),
    "dendron": (DENDRON, DENDRON_FILES),
    "gollum": (GOLLUM, GOLLUM_FILES),
    "github-wiki": (GITHUB_WIKI, GITHUB_FILES),
    "mkdocs-roamlinks": (ROAMLINKS, ROAMLINKS_FILES),
    "mkdocs-ezlinks": (EZLINKS, EZLINKS_FILES),
    "logseq": (LOGSEQ, LOGSEQ_FILES),
    "slug": (SLUG, SLUG_FILES),
    "markdown": (MARKDOWN, MARKDOWN_FILES),
}
CASES = [
    pytest.param(engine, *row, id=f"{engine}: {name}")
    for engine, (rows, _files) in TABLES.items()
    for name, row in rows.items()
]
WIKIS = {engine: wiki(engine, *files) for engine, (_rows, files) in TABLES.items()}


@pytest.mark.parametrize(("engine", "written", "path", "expected"), CASES)
def test_wikilinks(engine: str, written: str, path: str, expected: object) -> None:
    assert shown(WIKIS[engine].resolve(link(written, path))) == expected


def test_every_engine_has_a_table() -> None:
    assert {"obsidian", *TABLES} == set(ENGINES)


NEAR = {
    "quartz: case": ("quartz", "only", "index.md", ("Only",)),
    "quartz: paths of twins": ("quartz", "Twin", "index.md", ("a/Twin", "b/Twin")),
    "quartz-relative: path from the page": ("quartz-relative", "Top", "a/Page One.md", ("../Top",)),
    "ezlinks: picture without its suffix": ("mkdocs-ezlinks", "puppy.png", "index.md", ("puppy",)),
    "ezlinks: no link can name the file": ("mkdocs-ezlinks", "Capital", "index.md", ("Capital.md",)),
    "ezlinks: pictures are not near pages": ("mkdocs-ezlinks", "pupy", "index.md", ()),
    "foam: case": ("foam", "SAME", "index.md", ("x/Same", "y/same")),
    "dendron: near name": ("dendron", "proj.topics.one", "vault/root.md", ("proj.topic.one",)),
    "dendron: another name": ("dendron", "proj.topic.two", "vault/root.md", ()),
    "dendron: Obsidian's path": ("dendron", "vault/root", "vault/shared.md", ("root",)),
    "gollum: path from the page": ("gollum", "Other page", "Home.md", ("a/Other page",)),
    "gollum: case": ("gollum", "../B/page", "a/Page.md", ("../b/Page",)),
    "github-wiki: name": ("github-wiki", "sub/Deep-Page", "Home.md", ("Deep Page",)),
    "roamlinks: path as it stands": ("mkdocs-roamlinks", "a/two words", "index.md", ("a/Two Words",)),
    "logseq: misspelt": ("logseq", "Some Paeg", "pages/other.md", ("Some Page",)),
    "logseq: another word": ("logseq", "Same Page", "pages/other.md", ()),
    "slug: elsewhere": ("slug", "./elk", "index.md", ("topics/elk",)),
    "markdown: path from the page": ("markdown", "Guide", "other/Page.md", ("../docs/Guide.md",)),
}


@pytest.mark.parametrize(("engine", "written", "path", "expected"), NEAR.values(), ids=NEAR)
def test_near(engine: str, written: str, path: str, expected: tuple[str, ...]) -> None:
    answer = WIKIS[engine].resolve(link(written, path))
    assert isinstance(answer, Missing)
    assert answer.near == expected


@pytest.mark.parametrize(
    ("engine", "near"),
    [
        ("markdown", ("../Twin.md", "Twin.md", "../b/Twin.md")),
        ("gollum", ("../Twin", "Twin", "../b/Twin")),
        ("quartz-relative", ("../Twin", "Twin", "../b/Twin")),
        ("slug", ("Twin", "a/Twin", "b/Twin")),
        ("mkdocs-roamlinks", ("/Twin", "a/Twin", "b/Twin")),
    ],
)
def test_each_of_several_is_suggested_by_what_leads_to_it_from_here(engine: str, near: tuple[str, ...]) -> None:
    vault = wiki(engine, "Twin.md", "a/Twin.md", "b/Twin.md", "a/b/Twin.md", "a/page.md")
    answer = vault.resolve(link("c/Twin", "a/page.md"))
    assert isinstance(answer, Missing)
    assert answer.near == near
    assert [shown(vault.resolve(link(each, "a/page.md"))) for each in near] == ["Twin.md", "a/Twin.md", "b/Twin.md"]


@pytest.mark.parametrize("engine", TABLES)
def test_what_is_written_leads_back(engine: str) -> None:
    vault = WIKIS[engine]
    for target in vault.pages:
        for here in vault.pages:
            answer = vault.resolve_name(vault.name_of(target, here), here)
            if isinstance(answer, Found):
                assert answer.target == target or engine in ("quartz-relative", "mkdocs-ezlinks", "logseq")


def test_logseq_names_pages_in_org_mode_and_other_files_by_their_paths() -> None:
    vault = WIKIS["logseq"]
    assert vault.name_of("pages/Org Mode.org", "pages/other.md") == "Org Mode"
    assert vault.name_of("assets/pic.png", "pages/other.md") == "assets/pic.png"


PATHS = {
    "quartz: any page by its unique name": ("quartz", "Only.md", "index.md", "b/deep/Only.md"),
    "quartz: decoded": ("quartz", "Page%20One.md", "index.md", "a/Page One.md"),
    "quartz-relative: up": ("quartz-relative", "../b/Twin.md", "a/Twin.md", "b/Twin.md"),
    "foam: folder": ("foam", "../c", "b/README.md", "c/index.md"),
    "foam: without suffix": ("foam", "a/note", "index.md", "a/note.md"),
    "dendron: note by name": ("dendron", "proj.topic.one", "other/shared.md", "vault/proj.topic.one.md"),
    "gollum: address of a page": ("gollum", "../b/Page", "a/Page.md", "b/Page.md"),
    "gollum: to the letter": ("gollum", "../b/page", "a/Page.md", "case-differs"),
    "github-wiki: name": ("github-wiki", "Foo-Bar", "sub/Deep-Page.md", "Foo-Bar.md"),
    "github-wiki: whole address": ("github-wiki", "/me/repo/wiki/Foo-Bar", "Home.md", "Foo-Bar.md"),
    "github-wiki: image": ("github-wiki", "images/pic.png", "Home.md", "images/pic.png"),
    "github-wiki: files are found from the root": ("github-wiki", "images/pic.png", "x/Twice.md", "images/pic.png"),
    "github-wiki: not from the page's folder": ("github-wiki", "deep/only.png", "x/Twice.md", "wrong-folder"),
    "github-wiki: file by its whole address": (
        "github-wiki",
        "/me/repo/wiki/images/pic.png",
        "x/Twice.md",
        "images/pic.png",
    ),
    "github-wiki: file by the wiki beside its repository": (
        "github-wiki",
        "../wiki/images/pic.png",
        "x/Twice.md",
        "images/pic.png",
    ),
    "github-wiki: page in a folder by its name": ("github-wiki", "Deep-Page", "x/Twice.md", "sub/Deep-Page.md"),
    "github-wiki: no page beside the page": ("github-wiki", "../sub/Deep-Page", "x/Twice.md", "outside-root"),
    "github-wiki: the wiki itself": ("github-wiki", "/me/repo/wiki/", "x/Twice.md", "Home.md"),
    "github-wiki: the wiki's address from a page": ("github-wiki", "../wiki", "x/Twice.md", "Home.md"),
    "github-wiki: another repository": ("github-wiki", "../../other/wiki/Page", "Home.md", "other-wiki"),
    "github-wiki: dot in front": ("github-wiki", ".NET-Notes", "x/Twice.md", ".NET-Notes.md"),
    "github-wiki: gone from its whole address": (
        "github-wiki",
        "/me/repo/wiki/images/no.png",
        "Home.md",
        "asset-missing",
    ),
    "roamlinks: name of a page": ("mkdocs-roamlinks", "git_flow.md", "a/same.md", "git_flow.md"),
    "roamlinks: no suffix, no page": ("mkdocs-roamlinks", "git_flow", "index.md", "wrong-folder"),
    "ezlinks: name": ("mkdocs-ezlinks", "page-name", "x/deep/thing.md", "page-name.md"),
    "ezlinks: to the letter": ("mkdocs-ezlinks", "Capital.md", "x/deep/thing.md", "Capital.md"),
    "ezlinks: root": ("mkdocs-ezlinks", "/folder/index.md", "x/deep/thing.md", "folder/index.md"),
    "logseq: asset": ("logseq", "../assets/pic.png", "pages/other.md", "assets/pic.png"),
    "logseq: asset from the graph": ("logseq", "assets/pic.png", "pages/other.md", "assets/pic.png"),
    "logseq: asset of too few steps": ("logseq", "../assets/pic.png", "a/b/c.md", "assets/pic.png"),
    "logseq: asset of an inner graph": (
        "logseq",
        "/assets/own.png",
        "graphs/two/pages/x.md",
        "graphs/two/assets/own.png",
    ),
    "logseq: asset that is gone": ("logseq", "assets/no.png", "pages/other.md", "asset-missing"),
    "logseq: no page of a path": ("logseq", "gone.md", "pages/other.md", "no-such-page"),
    "logseq: unwritten page": ("logseq", "[[Nobody]]", "pages/other.md", "unwritten"),
    "slug: address": ("slug", "/topics/inner-alignment/", "index.md", "topics/Inner Alignment.md"),
    "slug: address of the site's own": ("slug", "/wiki/inner-alignment/", "index.md", "topics/Inner Alignment.md"),
    "slug: HTML": ("slug", "inner-alignment.html", "topics/elk.md", "topics/Inner Alignment.md"),
    "markdown: suffix must be written": ("markdown", "Guide", "docs/Guide.md", "wrong-folder"),
    "markdown: beside": ("markdown", "Guide.md", "docs/Guide.md", "docs/Guide.md"),
    "markdown: folder": ("markdown", "../docs/", "other/Page.md", "docs/"),
    "markdown: folder with README": ("markdown", "..", "docs/Guide.md", "README.md"),
    "markdown: root": ("markdown", "/docs/Guide.md", "other/Page.md", "docs/Guide.md"),
    "markdown: case": ("markdown", "guide.md", "docs/Guide.md", "case-differs"),
    "markdown: elsewhere": ("markdown", "Page.md", "docs/Guide.md", "wrong-folder"),
}


@pytest.mark.parametrize(("engine", "url", "path", "expected"), PATHS.values(), ids=PATHS)
def test_markdown_links(engine: str, url: str, path: str, expected: object) -> None:
    span = Span(path, 0, 1)
    assert shown(WIKIS[engine].resolve_link(MarkdownLink(span, url, "text", span))) == expected


def test_a_vault_is_here_when_its_links_find_notes() -> None:
    home = Page("vault/home.md", "", links=(link("dendron://main/home", "vault/home.md"),))
    vault = wiki("dendron", home)
    assert vault.resolve(link("dendron://main/gone", "vault/home.md")) == Missing((), Reason.NO_SUCH_PAGE)
    assert vault.resolve(link("dendron://docs/gone", "vault/home.md")) == Missing((), Reason.OTHER_WIKI)
