"""Files outside of the repository: no link, path or pattern that strangers write reaches them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from program import PROGRAM, environment

from wikitools import files
from wikitools.files import FileError, OutsideError, find_pages, read_bytes, write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

SECRET = "TOKEN-4711 [[nobody may read this]] (Curie et al. 1898)\n"
BIBLIOGRAPHY = "@book{curie1898, author={Marie Curie and Pierre Curie}, title={Rays}, year={1898}}\n"


@pytest.fixture(params=["repository", "folder"])
def wiki(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wiki in a repository or not, with a secret page, a bibliography and a configuration next to it."""
    root = tmp_path / "there"
    (root / "sub").mkdir(parents=True)
    (root / "index.md").write_text("# Index\n\n[[sub/page]]\n")
    (root / "sub/page.md").write_text("# Page\n\n[[index]]\n")
    if request.param == "repository":
        (root / ".git").mkdir()
        (root / ".git/config").write_text(SECRET)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text(SECRET)
    (outside / "x.bib").write_text(BIBLIOGRAPHY)
    (outside / "base.toml").write_text('engine = "foam"\n')
    (outside / "base.json").write_text("{}\n")
    (outside / "x.csl").write_text(SECRET)
    monkeypatch.chdir(root)
    return root


LAID = [
    ("env.md", "../outside/secret.md"),
    ("sub/env.md", "../../outside/secret.md"),
    ("sub/up.md", "../sub/../../outside/secret.md"),
    ("shared", "../outside"),
    ("sub/shared", "../../outside"),
]


@pytest.mark.parametrize(("place", "target"), LAID)
@pytest.mark.parametrize("absolute", [False, True])
def test_a_link_out_is_not_followed_but_named(  # noqa: PLR0917  # pytest passes them by name
    wiki: Path, call: Call, place: str, target: str, absolute: bool, tmp_path: Path
) -> None:
    link = wiki / place
    link.symlink_to(os.path.normpath(link.parent / target) if absolute else target)
    code, out, err = call("lint", "--no-cache")
    assert (code, err) == (0, "")
    assert "(2 pages)" in out
    assert f"1 symbolic link points outside and was not followed: {place} (--follow-links follows it)." in out
    assert "TOKEN" not in out
    for command in (("lint", "--fix", "--unsafe-fixes"), ("backfill", "--init"), ("lint", "--add-ignore=later")):
        assert "TOKEN" not in "".join(map(str, call(*command)[1:]))
    assert f"not followed: {place}" in call("cite")[2]
    assert (tmp_path / "outside/secret.md").read_text() == SECRET
    _code, out, _err = call("lint", "--no-cache", "--follow-links")
    assert "nobody may read this" in out
    assert "not followed" not in out


def test_only_command_line_and_environment_say_that_links_are_followed(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (wiki / "env.md").symlink_to("../outside/secret.md")
    (wiki / "wikitools.toml").write_text("follow-links = true\n")
    assert 'unknown key "follow-links"' in call("lint")[2]
    (wiki / "wikitools.toml").write_text("")
    monkeypatch.setenv("WIKITOOLS_FOLLOW_LINKS", "1")
    assert "nobody may read this" in call("lint", "--no-cache")[1]
    assert "not followed" in call("lint", "--no-cache", "--isolated")[1]
    monkeypatch.setenv("WIKITOOLS_FOLLOW_LINKS", "perhaps")
    assert call("lint")[2] == 'error: WIKITOOLS_FOLLOW_LINKS: must be true or false, not "perhaps"\n'


def test_what_lies_behind_a_link_that_is_not_followed_is_not_missing(wiki: Path, call: Call) -> None:
    (wiki / "shared").symlink_to("../outside")
    (wiki / "pic.png").symlink_to("../outside/secret.md")
    (wiki / "env.md").symlink_to("/proc/self/environ")
    (wiki / "index.md").write_text(
        "# Index\n\n[[env]] [e](env.md) ![](pic.png) [s](shared/secret.md) ![](shared/none.png) [[sub/page]]\n"
    )
    code, out, _err = call("lint", "--no-cache")
    assert (code, out.splitlines()[0]) == (0, "No problems found (2 pages).")
    assert "3 symbolic links point outside and were not followed: env.md, pic.png, shared (" in out


def test_links_inside_of_the_repository_are_followed(tmp_path: Path) -> None:
    for path in ("top/.git/HEAD", "top/shared/deep/a.md", "top/lone.md", "top/wiki/sub/b.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x\n")
    root = tmp_path / "top/wiki"
    (root / "shared").symlink_to("../shared")
    (root / "sub/lone.md").symlink_to("../../lone.md")
    (root / "sub/more").symlink_to("../../shared/deep")
    found = find_pages(root)
    assert found.pages == ("shared/deep/a.md", "sub/b.md", "sub/lone.md")
    assert "sub/more/a.md" in found.attachments
    assert found.unfollowed == ()
    assert read_bytes(root, "sub/lone.md") == b"x\n"
    write_atomic(root, "sub/lone.md", b"x\n", "new\n")
    assert ((tmp_path / "top/lone.md").read_text(), (root / "sub/lone.md").is_symlink()) == ("new\n", True)


def test_git_keeps_its_own_folder_for_itself(wiki: Path, call: Call) -> None:
    if not (wiki / ".git").exists():
        pytest.skip("no repository")
    (wiki / "config.md").symlink_to(".git/config")
    (wiki / "git").symlink_to(".git")
    (wiki / "index.md").write_text("---\nbibliography: .git/config\n---\n\n(Curie et al. 1898) [[sub/page]]\n")
    out = "".join(map(str, call("lint", "--no-cache")))
    assert "2 symbolic links point outside and were not followed: config.md, git (" in out
    assert "TOKEN" not in out
    for path in ("config.md", "git/config", ".git/config", ".GIT/config"):
        with pytest.raises(OutsideError):
            read_bytes(wiki, path)
    (wiki / "wikitools.toml").write_text('bibliography = [".git/config"]\n')
    assert "in git's own folder" in call("lint")[2]


def test_names_that_look_like_drives_are_names(tmp_path: Path) -> None:
    names = ("Q: basics/why.md", "C:/x.md", "a\\b.md", "n/Q: in.md", "Q: top.md", "c:.md")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x\n")
    assert find_pages(tmp_path).pages == tuple(sorted(names))
    for name in names:
        assert read_bytes(tmp_path, name) == b"x\n"
        write_atomic(tmp_path, name, b"x\n", "x\n")


# What the configuration names


@pytest.mark.parametrize(
    ("line", "link"),
    [
        ('bibliography = ["../outside/x.bib"]', ""),
        ('bibliography = ["{outside}/x.bib"]', ""),
        ('bibliography = ["../outside/*.bib"]', ""),
        ('bibliography = ["{outside}/**/x.bib"]', ""),
        ('bibliography = ["x.bib"]', "x.bib"),
        ('bibliography = ["out/x.bib"]', "out"),
        ('extend = "../outside/base.toml"', ""),
        ('extend = "base.toml"', "base.toml"),
        ('extend = "out/base.toml"', "out"),
        ('baseline = "../outside/base.json"', ""),
        ('baseline = "base.json"', "base.json"),
        ('[block]\nstyle = "../outside/x.csl"', ""),
        ('[block]\nstyle = "out/x.csl"', "out"),
    ],
)
def test_what_the_configuration_names_lies_inside(wiki: Path, call: Call, line: str, link: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    if link:
        (wiki / link).symlink_to(outside if link == "out" else outside / link)
    (wiki / "wikitools.toml").write_text(line.format(outside=outside.as_posix()) + "\n")
    code, _out, err = call("lint", "--no-cache")
    assert code == 2
    whole = "repository" if (wiki / ".git").exists() else "wiki"
    said = f"a symbolic link leads out of the {whole}; --follow-links follows it" if link else f"outside of the {whole}"
    assert said in err
    assert "TOKEN" not in err


FORMATS = (*"full concise grouped json json-lines github gitlab junit sarif rdjson markdown".split(),)
CREDENTIALS = {
    "gha-creds-1.json": '{"type": "service_account", "private_key": "TOKEN-1", "TOKEN-2": {"x": 1}}',
    "cut.json": '{"type": "service_account", "private_key": "TOKEN-1", "TOKEN-2"',
    "bare.json": "TOKEN-1 TOKEN-2 {}",
    "twice.json": '[{"TOKEN-1": 1, "TOKEN-1": 2}]',
    "secrets.yaml": "TOKEN-1: TOKEN-2\nother:\n  password: TOKEN-3\n",
    "broken.yml": "password: *TOKEN-1\n",
    "list.yaml": "- TOKEN-1\n- a: !TOKEN-2 [\n",
    "passwords.csv": "host,TOKEN-1\nx,TOKEN-2\n",
    "passwords.tsv": "TOKEN-1\tTOKEN-2\n",
}


def said_of(call: Call, folder: Path) -> dict[str, str]:
    """Return what `lint` prints in each format, its reports in files, and the output of other commands."""
    said = {}
    for form in FORMATS:
        report = folder / "report"
        _code, out, err = call("lint", "--no-cache", "--output-format", form, "--report", f"{form}={report}")
        said[form] = out + err + (report.read_text() if report.exists() else "")
    for command in ("lint --fix --diff --unsafe-fixes -v", "bib check", "bib list", "cite", "backfill --init --diff"):
        said[command] = "".join(call(*command.split())[1:])
    return said


@pytest.mark.slow
@pytest.mark.parametrize("name", CREDENTIALS)
@pytest.mark.parametrize("by", ["configuration", "page"])
def test_no_report_quotes_a_file_that_is_no_bibliography(
    wiki: Path, call: Call, tmp_path: Path, name: str, by: str
) -> None:
    (wiki / name).write_text(CREDENTIALS[name])
    if by == "page":
        (wiki / "index.md").write_text(f"---\nbibliography: {name}\n---\n(Curie et al. 1898) [[sub/page]]\n")
    else:
        (wiki / "wikitools.toml").write_text(f'bibliography = ["{name[:3]}*{name[-4:]}"]\n')
    said = said_of(call, tmp_path)
    assert f"{name}:1:" in said["full"], "what is wrong is said all the same"
    assert {form: text for form, text in said.items() if "TOKEN" in text} == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "target", "why"),
    [
        (".env", "", "it is hidden"),
        (".deploy/x.bib", "", "it is hidden"),
        ("token.txt", "", "its name ends in none of .bib, "),
        ("e.bib", ".env", "the link leads to a hidden file"),
        ("e.bib", ".deploy/x.bib", "the link leads to a hidden file"),
        ("e.bib", "creds.json", "the link leads to a file with another suffix"),
        ("e.bib", "token.txt", "the link leads to a file with another suffix"),
    ],
)
def test_what_the_wiki_names_as_a_bibliography_is_not_hidden(  # noqa: PLR0917  # pytest passes them by name
    wiki: Path, call: Call, tmp_path: Path, name: str, target: str, why: str
) -> None:
    (wiki / ".deploy").mkdir()
    (wiki / (target or name)).write_text(SECRET)
    if target:
        (wiki / name).symlink_to(target)
        assert {form: text for form, text in said_of(call, tmp_path).items() if "TOKEN" in text} == {}, "found"
    for pattern in (name, name.replace("e", "[e]")):
        (wiki / "wikitools.toml").write_text(f'bibliography = ["{pattern}"]\n')
        code, out, err = call("lint", "--no-cache")
        assert (code, "TOKEN" in out + err) == (2, False)
        assert why in err
    (wiki / "x.bib").write_text(BIBLIOGRAPHY)
    (wiki / "wikitools.toml").write_text('bibliography = ["[etx]*"]\n')
    page = f"---\nbibliography: {name}\n---\n# Index\n\n(Curie and Curie 1898) (Nobody 1900) [[sub/page]]\n"
    (wiki / "index.md").write_text(page)
    said = said_of(call, tmp_path)
    assert f'the bibliography "{name}" cannot be read: not read as a bibliography: {why}' in said["full"]
    assert "Found 2 problems in 1 page: 1 error, 1 warning (2 pages)" in said["full"], "a glob passes over it"
    assert {form: text for form, text in said.items() if "TOKEN" in text} == {}
    assert "TOKEN" in call("lint", "--no-cache", "--config", f'bibliography=["{name}"]')[1], "you may name it"


@pytest.mark.parametrize("text", ["A=TOKEN-1\n", '{"findings": [], "version": "TOKEN-1"}', '{"findings": ["TOKEN-1"]}'])
@pytest.mark.parametrize("line", ['baseline = "{}"', 'extend = "{}"', '[block]\nstyle = "./{}"'])
def test_no_other_named_file_is_quoted(wiki: Path, call: Call, line: str, text: str) -> None:
    for name in (".env", "creds.json"):
        (wiki / name).write_text(text)
        (wiki / "wikitools.toml").write_text(line.format(name) + "\n")
        for command in (("lint", "--no-cache"), ("backfill", "--init", "--diff")):
            code, out, err = call(*command)
            assert "TOKEN" not in out + err
            if line.startswith("extend"):
                assert (code, '"extend" must name a .toml file' in err) == (2, True)


def test_you_may_name_what_you_want(wiki: Path, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (wiki / "index.md").write_text("# Index\n\n(Curie and Curie 1898) [[sub/page]]\n")
    place = tmp_path / "outside/x.bib"
    assert "unmatched" not in call("cite", "--config", f'bibliography="{place}"')[1]
    assert "unmatched" not in call("cite", "--config", 'bibliography="../outside/x.bib"')[1]
    assert call("lint", "--no-cache", "--baseline", "../outside/base.json")[0] == 2, "read, and no baseline"
    monkeypatch.setenv("WIKITOOLS_BIBLIOGRAPHY", str(place))
    assert "unmatched" not in call("cite")[1]
    (wiki / "wikitools.toml").write_text("")
    assert '"foam"' in call("config", "show", "--config", "extend=../outside/base.toml")[1]
    monkeypatch.delenv("WIKITOOLS_BIBLIOGRAPHY")
    # A link belongs to somebody else, whoever names it.
    (wiki / "mine.bib").symlink_to(place)
    code, _out, err = call("cite", "--config", 'bibliography="mine.bib"')
    assert (code, "--follow-links follows it" in err) == (2, True)
    assert "unmatched" not in call("cite", "--follow-links", "--config", 'bibliography="mine.bib"')[1]


@pytest.mark.parametrize("name", ["wikitools.toml", "pyproject.toml"])
def test_a_configuration_behind_a_link_out_is_not_read(wiki: Path, call: Call, name: str) -> None:
    (wiki / name).symlink_to("../outside/secret.md")
    code, out, err = call("lint")
    assert (code, out) == (2, "")
    assert "a symbolic link leads out of the" in err
    assert "TOKEN" not in err


@pytest.mark.parametrize("arguments", [("lint", "docs"), ("lint", "docs/deep"), ("init", "docs"), ("cite", "docs")])
def test_a_root_behind_a_link_out_of_a_repository_is_refused(
    wiki: Path, call: Call, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    if not (wiki / ".git").exists():
        pytest.skip("no repository")
    (tmp_path / "outside/deep").mkdir()
    (tmp_path / "outside/deep/a.md").write_text(SECRET)
    (wiki / "docs").symlink_to("../outside")
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert "a symbolic link leads out of the repository" in err
    assert not (tmp_path / "outside/wikitools.toml").exists()


# Races


def test_a_folder_that_becomes_a_link_is_not_read_through(
    wiki: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outside/page.md").write_text(SECRET)
    reader = files.Reader(wiki)
    assert reader.read("sub/page.md")[0].startswith(b"# Page")
    (wiki / "sub").rename(wiki / "gone")
    (wiki / "sub").symlink_to("../outside")
    with pytest.raises(FileError):
        reader.read("sub/page.md")
    # And when it happens between the check and the opening.
    real = os.path.realpath
    honest = {str(wiki / "sub/page.md"): str(wiki / "sub/page.md"), str(wiki / "sub"): str(wiki / "sub")}
    monkeypatch.setattr(os.path, "realpath", lambda path, **more: honest.get(os.fspath(path)) or real(path, **more))
    with pytest.raises(FileError):
        read_bytes(wiki, "sub/page.md")
    with pytest.raises(FileError):
        write_atomic(wiki, "sub/page.md", SECRET.encode(), "new\n")
    assert (tmp_path / "outside/page.md").read_text() == SECRET
    assert not list((tmp_path / "outside").glob(".wikitools*"))


# What is no file, or too large


def linted(wiki: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program, which must end soon in every case."""
    return subprocess.run(
        [*PROGRAM, "lint", "--no-cache", "--no-progress", *arguments],
        cwd=wiki,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_page_that_is_too_large_is_a_finding_with_size_and_limit(wiki: Path, call: Call) -> None:
    (wiki / "large.md").write_text("x" * 5_000_001)
    code, out, _err = call("lint", "--no-cache", "--output-format", "concise")
    assert code == 1
    said = "large.md:1:1: error[unreadable-page] the page cannot be read: 5.0 MB, more than the limit of 5.0 MB"
    assert out.startswith(said)
    assert "unreadable-page" not in call("lint", "--no-cache", "--config", "max-page-size=6 MB")[1]
    (wiki / "wikitools.toml").write_text('max-page-size = "21 MB"\n')
    code, _out, err = call("lint")
    assert (code, 'wikitools.toml:1:1: "max-page-size" is 20 MB at most in a file; --config' in err) == (2, True)
    assert call("config", "show", "--isolated", "--config", 'max-page-size="21 MB"')[0] == 0


def test_a_folder_named_like_a_cache_mark_is_a_folder(wiki: Path, call: Call) -> None:
    (wiki / "sub/CACHEDIR.TAG").mkdir()
    assert call("lint", "--no-cache")[0] == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pipe", "large", "zero"])
@pytest.mark.parametrize(
    ("name", "line"),
    [
        (".gitignore", ""),
        ("sub/.gitignore", ""),
        ("wikitools.toml", ""),
        ("base.toml", 'extend = "base.toml"'),
        ("known.json", 'baseline = "known.json"'),
        ("wikitools-baseline.json", ""),
        ("x.bib", 'bibliography = ["x.bib"]'),
        ("sub/CACHEDIR.TAG", ""),
        ("pipe.md", ""),
    ],
)
def test_only_regular_files_up_to_a_size_are_read(wiki: Path, name: str, line: str, kind: str) -> None:
    if line:
        (wiki / "wikitools.toml").write_text(f"{line}\n")
    place = wiki / name
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "zero":
        place.symlink_to("/dev/zero")
    else:
        with place.open("wb") as file:
            file.truncate(600_000_000)
    done = linted(wiki, "--output-format", "concise")
    assert "Traceback" not in done.stderr
    assert "bug in wikitools" not in done.stderr
    said = done.stdout + done.stderr
    if name == "sub/CACHEDIR.TAG" or (kind == "pipe" and name == "pipe.md"):
        assert done.returncode == 0, said
    elif name.endswith(".gitignore"):
        why = {"pipe": "not a regular file", "zero": "a symbolic link", "large": "600.0 MB, more than the limit"}[kind]
        assert (done.returncode, why in done.stderr, "not used" in done.stderr) == (0, True, True), said
    else:
        assert any(why in said for why in ("regular file", "limit of", "is not a file", "not followed", "link leads"))


@pytest.mark.slow
def test_a_hostile_pattern_takes_no_longer_than_another(wiki: Path) -> None:
    hostile = "*a*a*a*a*a*a*a*a*b"
    (wiki / ("a" * 240 + ".md")).write_text("# A\n\n[[index]]\n")
    (wiki / ".gitignore").write_text(f"{hostile}\n**/{hostile}/**/{hostile}/x\n[a]*[a]*[a]*[a]*[a]*[a]*b\n")
    (wiki / "wikitools.toml").write_text(
        f'exclude = ["{hostile}"]\nentry-pages = ["{hostile}"]\nbibliography = ["**/**/**/**/**/{hostile}.bib"]\n'
    )
    assert "no such bibliography" in linted(wiki).stderr
    (wiki / "wikitools.toml").write_text(f'exclude = ["{hostile}"]\n[per-file-ignores]\n"{hostile}" = ["ALL"]\n')
    assert linted(wiki).returncode in {0, 1}


@pytest.mark.slow
def test_too_many_patterns_are_refused(wiki: Path) -> None:
    (wiki / ".gitignore").write_text("".join(f"*a{number}*b\n" for number in range(1001)))
    done = linted(wiki)
    assert ".gitignore: 1,001 patterns with wildcards, more than the limit of 1,000; not used" in done.stderr
    (wiki / ".gitignore").write_text("sub/\n" + "".join(f"/plain/{number}.md\n*.{number}\n" for number in range(9000)))
    assert "(1 page" in linted(wiki).stdout
