"""How each engine reads a target: one table per engine, one named row per rule."""

from __future__ import annotations

import dataclasses

import pytest

from wikitools.markdown.links import make_wikilink
from wikitools.markdown.page import Field, MarkdownLink, Page, Wikilink
from wikitools.text import Span
from wikitools.wiki import engines
from wikitools.wiki.engines import ENGINES, is_asset_path, label_first
from wikitools.wiki.names_index import Index, compose, fold, loosen
from wikitools.wiki.paths import join
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution
from wikitools.wiki.wiki import Wiki

AT = Span("index.md", 0, 0)

FILES = (
    "index.md",
    "Alan Turing.md",
    "Note v1.2.md",
    "Release 2.0.md",
    "data.csv.md",
    "Goal directedness.md",
    "plans.md",
    "plans.canvas",
    "plans.base",
    "a/Topic.md",
    "a/Setup.md",
    "a/b/Setup.md",
    "a/deep/er/Guide.md",
    "long-folder-name/Setup.md",
    "z/Setup.md",
    "z/Guide.md",
    "n/Only.md",
    "Home.md",
    "n/Home.md",
    "img/photo one.png",
    "img/logo.svg",
    "other/logo.svg",
    "papers/data.csv",
    "LICENSE",
    "UPPER.MD",
    "Caf\u00e9.md",
    "Mu\u0308nchen.md",
    "emoji 😀, (and) more.md",
    "x\u00a0y.md",
    "sub/x/Deep.md",
    "subx/Deep.md",
    "case/Twin.md",
    "case/twin.md",
)


def wiki(*paths: str, engine: str = "obsidian") -> Wiki:
    pages = [Page(path, "") for path in paths if path.lower().endswith(".md")]
    return Wiki(pages, attachments=[path for path in paths if not path.lower().endswith(".md")], engine=engine)


VAULT = wiki(*FILES)


def shown(answer: Resolution[str]) -> object:
    if isinstance(answer, Found):
        return answer.target
    return answer.candidates if isinstance(answer, Ambiguous) else str(answer.why)


OBSIDIAN = {
    "bare name at the root": ("Alan Turing", "index.md", "Alan Turing.md"),
    "bare name in a folder": ("Only", "index.md", "n/Only.md"),
    "suffix may be written": ("Only.md", "index.md", "n/Only.md"),
    "case does not count": ("aLAN tURING.Md", "index.md", "Alan Turing.md"),
    "upper-case suffix on disk": ("upper", "index.md", "UPPER.MD"),
    "exact path": ("a/Topic", "z/Guide.md", "a/Topic.md"),
    "end of a path": ("b/Setup", "index.md", "a/b/Setup.md"),
    "a folder's name is matched whole": ("x/Deep", "index.md", "sub/x/Deep.md"),
    "exact path before own folder": ("Home", "n/Only.md", "Home.md"),
    "own folder before shorter paths": ("Setup", "long-folder-name/page.md", "long-folder-name/Setup.md"),
    "own folder itself before those below it": ("Setup", "a/Topic.md", "a/Setup.md"),
    "below the own folder before elsewhere": ("Guide", "a/deep/page.md", "a/deep/er/Guide.md"),
    "own folder holds further down too": ("Guide", "a/Topic.md", "a/deep/er/Guide.md"),
    "a parent folder is not the own folder": (
        "Setup",
        "n/deep/page.md",
        ("a/Setup.md", "z/Setup.md", "a/b/Setup.md", "long-folder-name/Setup.md"),
    ),
    "shortest path string first, all reported": ("Guide", "index.md", ("z/Guide.md", "a/deep/er/Guide.md")),
    "relative to the page": ("../z/Setup", "a/Topic.md", "z/Setup.md"),
    "relative, two up": ("../../Home", "a/b/Setup.md", "Home.md"),
    "dot-slash": ("./Topic", "a/Setup.md", "a/Topic.md"),
    "dot-slash never falls back": ("./Only", "a/Setup.md", "wrong-folder"),
    "dot-dot-slash never falls back": ("../Only", "a/Setup.md", "wrong-folder"),
    "leading slash is the root": ("/a/Topic", "z/Setup.md", "a/Topic.md"),
    "leading slash never falls back": ("/Topic", "index.md", "wrong-folder"),
    "out of the root": ("../../etc/passwd", "a/Topic.md", "outside-root"),
    "out of the root in the middle": ("a/../../etc/passwd", "index.md", "outside-root"),
    "dots in a name": ("Note v1.2", "index.md", "Note v1.2.md"),
    "dots in a name that end like a number": ("release 2.0", "index.md", "Release 2.0.md"),
    "another file's name before a page with a double suffix": ("data.csv", "index.md", "papers/data.csv"),
    "the page with the double suffix": ("data.csv.md", "index.md", "data.csv.md"),
    "page, canvas and base of one stem": ("plans", "index.md", "plans.md"),
    "canvas with its suffix": ("plans.canvas", "index.md", "plans.canvas"),
    "base with its suffix": ("Plans.base", "index.md", "plans.base"),
    "attachment with its suffix": ("photo one.png", "index.md", "img/photo one.png"),
    "attachment without its suffix": ("photo one", "index.md", "no-such-page"),
    "attachments of one name": ("logo.svg", "index.md", ("img/logo.svg", "other/logo.svg")),
    "a file without a suffix is never meant": ("LICENSE", "index.md", "space-or-dash"),
    "composed for composed": ("Caf\u00e9", "index.md", "Caf\u00e9.md"),
    "decomposed for composed": ("Cafe\u0301", "index.md", "Caf\u00e9.md"),
    "composed for decomposed": ("m\u00fcnchen", "index.md", "Mu\u0308nchen.md"),
    "emoji, comma, parentheses": ("Emoji 😀, (and) more", "index.md", "emoji 😀, (and) more.md"),
    "no-break blank is a blank": ("x y", "index.md", "x\u00a0y.md"),
    "twins by case: as written": ("case/twin", "index.md", "case/twin.md"),
    "twins by case: written as neither": ("case/TWIN", "index.md", ("case/Twin.md", "case/twin.md")),
    "folder": ("a", "index.md", "no-such-page"),
    "folder with a slash": ("a/", "index.md", "no-such-page"),
    "dashes for blanks": ("goal-directedness", "index.md", "space-or-dash"),
    "underscores for blanks": ("goal_directedness", "index.md", "space-or-dash"),
    "wrong folder": ("z/Topic", "index.md", "wrong-folder"),
    "wrong folder, other case": ("Z/topic", "index.md", "wrong-folder"),
    "percent-encoded": ("Alan%20Turing", "index.md", "percent-encoded"),
    "asset": ("nowhere.png", "index.md", "asset-missing"),
    "asset in the wrong folder": ("papers/logo.svg", "index.md", "wrong-folder"),
    "dots": ("...", "index.md", "placeholder"),
    "ellipsis at the end of a path": ("books/…", "index.md", "placeholder"),
    "dots at the end of a path": ("books/...", "index.md", "placeholder"),
    "ellipsis after words": ("and so on…", "index.md", "no-such-page"),
    "the syntax's own name": ("wikilink", "index.md", "placeholder"),
    "address without a scheme": ("www.example.org", "index.md", "web-address"),
    "ellipsis": ("…", "index.md", "placeholder"),
    "angle brackets": ("<slug>", "index.md", "placeholder"),
    "angle brackets in a path": ("notes/<slug>", "index.md", "placeholder"),
    "template braces": ("{{title}}", "index.md", "placeholder"),
    "template code": ("<% tp.file.title %>", "index.md", "placeholder"),
    "unknown": ("unknown", "index.md", "no-such-page"),
    "address": ("https://example.org/Home", "index.md", "web-address"),
    "mail": ("mailto:a@example.org", "index.md", "web-address"),
    "nothing like it": ("Zzyzx", "index.md", "no-such-page"),
    "near": ("Alan Turng", "index.md", "no-such-page"),
}


@pytest.mark.parametrize(("target", "page", "expected"), OBSIDIAN.values(), ids=OBSIDIAN)
def test_obsidian(target: str, page: str, expected: object) -> None:
    assert shown(VAULT.resolve_name(target, page)) == expected


NEAR = {
    "misspelt": ("Alan Turng", ("Alan Turing",)),
    "dashes": ("goal-directedness", ("Goal directedness",)),
    "wrong folder gives the path": ("z/Topic", ("a/Topic",)),
    "percent-encoded gives the name": ("Alan%20Turing", ("Alan Turing",)),
    "asset": ("photo_on.png", ()),
    "asset of another word": ("photo_two.png", ()),
    "names that several bear are given by path": ("Setups", ("a/Setup", "z/Setup", "a/b/Setup")),
    "another letter in a short name": ("Setop", ()),
    "placeholder": ("<slug>", ()),
}


@pytest.mark.parametrize(("target", "expected"), NEAR.values(), ids=NEAR)
def test_near(target: str, expected: tuple[str, ...]) -> None:
    answer = VAULT.resolve_name(target, "index.md")
    assert isinstance(answer, Missing)
    assert answer.near == expected


def test_alias_never_resolves_a_bare_link() -> None:
    page = Page("notes/Alan Turing.md", "", front_matter={"aliases": Field(["A. M. Turing", "ACE"], AT)})
    answer = Wiki([page, Page("index.md", "")]).resolve_name("a. m. turing", "index.md")
    assert answer == Missing(("Alan Turing",), Reason.ALIAS_ONLY)


def test_title_never_resolves_a_link() -> None:
    page = Page("notes/turing.md", "", front_matter={"title": Field("Alan Turing", AT)})
    answer = Wiki([page]).resolve_name("Alan Turing", "index.md")
    assert answer == Missing(("turing",), Reason.TITLE_ONLY)


PATHS = {
    "beside the page": ("Topic.md", "a/Setup.md", "a/Topic.md"),
    "beside the page before the same name at the root": ("Home.md", "n/Only.md", "n/Home.md"),
    "suffix left out": ("Topic", "a/Setup.md", "a/Topic.md"),
    "up": ("../z/Guide.md", "a/Topic.md", "z/Guide.md"),
    "up in the middle": ("b/../Topic.md", "a/Setup.md", "a/Topic.md"),
    "from the root": ("/a/Topic.md", "z/Guide.md", "a/Topic.md"),
    "percent-decoded": ("Alan%20Turing.md", "index.md", "Alan Turing.md"),
    "percent-decoded UTF-8": ("Caf%C3%A9.md", "index.md", "Caf\u00e9.md"),
    "blank as it is": ("Alan Turing.md", "index.md", "Alan Turing.md"),
    "fragment": ("Alan%20Turing.md#life", "index.md", "Alan Turing.md"),
    "fragment alone": ("#life", "a/Topic.md", "a/Topic.md"),
    "nothing": ("", "a/Topic.md", "a/Topic.md"),
    "query": ("Home.md?plain=1#x", "index.md", "Home.md"),
    "query alone": ("?plain=1", "a/Topic.md", "a/Topic.md"),
    "file without a suffix": ("LICENSE", "index.md", "LICENSE"),
    "folder by one of its pages": ("../notes/x", "other/page.md", "notes/x.md"),
    "elsewhere, as Obsidian finds it": ("Only.md", "z/Guide.md", "n/Only.md"),
    "no fallback after dot-dot-slash": ("../Only.md", "a/Topic.md", "wrong-folder"),
    "out of the root": ("../../x.md", "a/Topic.md", "outside-root"),
    "folder": ("../a/", "z/Guide.md", "a/"),
    "folder without a slash": ("papers", "index.md", "papers/"),
    "the root": ("/", "a/Topic.md", "index.md"),
    "the root from below": ("..", "a/Topic.md", "index.md"),
    "image": ("img/photo%20one.png", "index.md", "img/photo one.png"),
    "missing image": ("img/nothing.png", "index.md", "asset-missing"),
    "missing program": ("src/run.py", "index.md", "asset-missing"),
    "address of a page on a web site": ("/wiki/only/", "index.md", "wrong-folder"),
    "missing page": ("nothing.md", "index.md", "no-such-page"),
}


@pytest.mark.parametrize(("url", "page", "expected"), PATHS.values(), ids=PATHS)
def test_markdown_paths(url: str, page: str, expected: object) -> None:
    vault = wiki(*FILES, "notes/x.md")
    span = Span(page, 0, 0)
    assert shown(vault.resolve_link(MarkdownLink(span, url, "text", span))) == expected


def test_folder_leads_to_its_index_page() -> None:
    index = Index({path: Page(path, "") for path in ("A/README.md", "b/index.md", "b/readme.md")})
    assert engines.resolve_relative(index, "a/", "") == Found("A/README.md", "the folder's index page")
    assert engines.resolve_relative(index, "../b", "x") == Found("b/index.md", "the folder's index page")


def test_relative_paths_may_mind_case() -> None:
    index = Index({"A/Page.md": Page("A/Page.md", "")})
    assert isinstance(engines.resolve_relative(index, "a/page.md", "", compose), Missing)
    assert isinstance(engines.resolve_relative(index, "A/Page.md", "", compose), Found)


@pytest.mark.parametrize("path", FILES)
def test_written_targets_lead_back(path: str) -> None:
    target = VAULT.name_of(path)
    expected = path if path not in ("LICENSE",) else None
    answer = VAULT.resolve_name(target, "a/b/Setup.md")
    assert (answer.target if isinstance(answer, Found) else None) == expected


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_bears_its_own_name_and_answers_hostile_targets(name: str) -> None:
    assert ENGINES[name].name == name
    vault = wiki(*FILES, engine=name)
    for target in ("/" * 1000, "../" * 1000, "." * 1000, "<" * 100_000, "{" * 100_000, "a/" * 50_000, "%" * 9999, "\0"):
        answer = vault.resolve_name(target, "a/Topic.md")
        # Slashes alone may be a site's front page, or the page's own folder.
        assert isinstance(answer, Missing) or (target.strip("/") == "" and shown(answer) in ("index.md", "a/"))


@pytest.mark.parametrize("engine", ["gollum", "github-wiki"])
@pytest.mark.parametrize(
    ("target", "label"),
    [
        ("https://example.org", None),
        ("see", "https://example.org/a#b"),
        ("mail", "mailto:a@example.org"),
        ("_TOC_", None),
        ("_TOC_", "levels=2"),
        ("include:Page", None),
    ],
)
def test_gollum_has_links_that_name_no_page(engine: str, target: str, label: str | None) -> None:
    link = make_wikilink(target if label is None else f"{target}|{label}", Span("Home.md", 0, 0))
    answer = wiki("Home.md", "see.md", engine=engine).resolve(link)
    assert isinstance(answer, Missing)
    assert answer.why == Reason.OTHER_WIKI


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../issues/3", Reason.OTHER_WIKI),
        ("../blob/main/README.md", Reason.OTHER_WIKI),
        ("/owner/repository/pulls", Reason.OTHER_WIKI),
        ("../Gone", Reason.OUTSIDE_ROOT),
        ("issues/3", Reason.NO_SUCH_PAGE),
        ("/owner/repository/wiki/Gone", Reason.NO_SUCH_PAGE),
    ],
)
def test_pages_on_github_lie_beside_their_repository(path: str, why: Reason) -> None:
    pages = wiki("Home.md", "sub/Set-Up.md", engine="github-wiki")
    answer = pages.resolve_link(MarkdownLink(Span("Home.md", 0, 0), path, "x", Span("Home.md", 0, 0)))
    assert isinstance(answer, Missing)
    assert answer.why == why
    inside = pages.resolve_link(MarkdownLink(Span("sub/Set-Up.md", 0, 0), path, "x", Span("sub/Set-Up.md", 0, 0)))
    assert isinstance(inside, Missing)
    assert (inside.why == Reason.OTHER_WIKI) == (why == Reason.OTHER_WIKI), "pages are shown side by side"


def test_an_engine_may_mind_case_and_put_the_label_first(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = dataclasses.replace(
        ENGINES["obsidian"],
        name="strict",
        resolve=lambda index, target, folder: engines.resolve_relative(index, target, folder, compose),
        read=label_first,
        case_sensitive=True,
    )
    monkeypatch.setattr("wikitools.wiki.wiki.ENGINES", {"strict": strict})
    vault = wiki("Page.md", "a/Other.md", engine="strict")
    link = Wikilink(Span("a/Other.md", 0, 0), "see here", label="../Page#part")
    assert vault.resolve(link) == Found("Page.md", "path relative to the page")
    assert vault.resolve_name("../page", "a/Other.md") == Missing(("../Page",), Reason.CASE_DIFFERS)
    assert vault.resolve_name("page", "a/Other.md") == Missing(("../Page",), Reason.WRONG_FOLDER)
    assert vault.resolve(Wikilink(link.span, "Other", label="words")) == Missing(("Other",), Reason.LOOKS_REVERSED)


LABEL_FIRST = {
    "label and target": ("text", None, "page", ("page", None)),
    "target with an anchor": ("text", None, "page#part", ("page", "part")),
    "target alone": ("page", "part", None, ("page", "part")),
}


@pytest.mark.parametrize(("target", "anchor", "label", "expected"), LABEL_FIRST.values(), ids=LABEL_FIRST)
def test_label_first(target: str, anchor: str | None, label: str | None, expected: tuple[str, str | None]) -> None:
    assert label_first(Wikilink(AT, target, anchor, label)) == expected


def test_names_are_compared_as_engines_do() -> None:
    assert fold("STRASSE") != fold("Straße"), "lower case, not full case folding"
    assert fold("E\u0301\u00a0X") == "\u00e9 x"
    assert loosen("a_b - c") == "a b c"
    assert join("", "a/./b//c") == "a/b/c"
    assert join("a", "..") == ""
    assert join("", "..") is None
    assert is_asset_path("a.b/c.PNG")
    assert not is_asset_path("Node.js notes")
