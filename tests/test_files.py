"""Finding, reading and writing: what belongs to a wiki, what may be read, and what a page holds at any moment."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from wikitools import files
from wikitools.files import FileError, OutsideError, TooLargeError, find_pages, locate, read_bytes, write_atomic

if TYPE_CHECKING:
    from pathlib import Path


def lay_out(root: Path, *paths: str, text: str = "x\n") -> None:
    for path in paths:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def test_pages_and_attachments_are_sorted_and_relative(tmp_path: Path) -> None:
    lay_out(tmp_path, "b.md", "a/z.MD", "a/A.markdown", "a/pic.png", "notes.txt")
    found = find_pages(tmp_path)
    assert found.pages == ("a/A.markdown", "a/z.MD", "b.md")
    assert found.attachments == ("a/pic.png", "notes.txt")


def test_hidden_and_foreign_folders_are_no_wiki(tmp_path: Path) -> None:
    lay_out(tmp_path, ".obsidian/x.md", ".git/x.md", ".trash/x.md", "node_modules/x/y.md", ".hidden.md", "ok.md")
    lay_out(tmp_path, "logseq/bak/pages/x.md", "logseq/version-files/local/x.md", "logseq/x.md", "a/logseq/bak/x.md")
    found = find_pages(tmp_path)
    assert found.pages == ("a/logseq/bak/x.md", "logseq/x.md", "ok.md")
    assert not found.excluded


def test_pages_may_begin_with_a_dot_where_the_engine_shows_them(tmp_path: Path) -> None:
    lay_out(
        tmp_path, ".NET-Notes.md", "a/.Hidden.MD", ".md", "._Page.md", "..odd.md", ".git/x.md", ".a.png", ".x.md/y.md"
    )
    assert find_pages(tmp_path).pages == ()
    assert find_pages(tmp_path, dot_pages=True).pages == (".NET-Notes.md", "a/.Hidden.MD")
    listed = files.snapshot_of([".NET-Notes.md", "a/.Hidden.MD", "._Page.md", ".git/x.md"], beside=False)
    assert find_pages(tmp_path, dot_pages=True, snapshot=listed).pages == (".NET-Notes.md", "a/.Hidden.MD")


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({".gitignore": "drafts/\n*.tmp.md\n"}, ("a.md", "keep/b.md")),
        ({".gitignore": "*.md\n!keep/*.md\n"}, ("keep/b.md",)),
        ({".gitignore": "b.md\n", "keep/.gitignore": "!b.md\n"}, ("a.md", "drafts/d.md", "keep/b.md", "x.tmp.md")),
        ({"keep/.gitignore": "*\n"}, ("a.md", "drafts/d.md", "x.tmp.md")),
        ({".gitignore": "/a.md\n# b.md\n"}, ("drafts/d.md", "keep/b.md", "x.tmp.md")),
        ({".gitignore": "!\na.md\n"}, ("drafts/d.md", "keep/b.md", "x.tmp.md")),
    ],
)
def test_gitignore(tmp_path: Path, rules: dict[str, str], expected: tuple[str, ...]) -> None:
    lay_out(tmp_path, "a.md", "x.tmp.md", "drafts/d.md", "keep/b.md")
    for path, text in rules.items():
        lay_out(tmp_path, path, text=text)
    assert find_pages(tmp_path).pages == expected
    assert len(find_pages(tmp_path, gitignore=False).pages) == 4


def test_rules_above_the_root_count_up_to_the_repository(tmp_path: Path) -> None:
    lay_out(tmp_path, "repo/.git/info/exclude", text="wiki/private.md\n")
    lay_out(tmp_path, "repo/.gitignore", text="wiki/b/\nc.md\n")
    lay_out(tmp_path, ".gitignore", text="*.md\n")
    lay_out(tmp_path, "repo/wiki/a.md", "repo/wiki/b/b.md", "repo/wiki/c.md", "repo/wiki/private.md")
    assert find_pages(tmp_path / "repo/wiki").pages == ("a.md",)


def test_a_root_that_git_ignores_was_named_on_purpose(tmp_path: Path) -> None:
    lay_out(tmp_path, ".git/HEAD", "build/wiki/a.md")
    lay_out(tmp_path, ".gitignore", text="build/\n")
    assert find_pages(tmp_path / "build/wiki").pages == ("a.md",)


def test_exclude_patterns(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.md", "drafts/b.md", "x/old-c.md")
    found = find_pages(tmp_path, exclude=("drafts/", "old-*.md"))
    assert found.pages == ("a.md",)
    assert found.excluded == ("drafts/", "x/old-c.md")


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such folder"):
        find_pages(tmp_path / "nowhere")


def test_loops_of_links_end(tmp_path: Path) -> None:
    lay_out(tmp_path, "wiki/a.md", "wiki/sub/b.md")
    (tmp_path / "wiki/up").symlink_to("..")
    (tmp_path / "wiki/sub/loop").symlink_to("../sub")
    (tmp_path / "wiki/self").symlink_to("self")
    (tmp_path / "wiki/self.md").symlink_to("self.md")
    assert find_pages(tmp_path / "wiki").pages == ("a.md", "sub/b.md")


def test_a_link_that_the_system_does_not_read_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, "wiki/a.md", "wiki/b.md")
    (tmp_path / "wiki/cwd").symlink_to(".")
    real = os.path.realpath

    def refuse(path: str) -> str:
        # As for the links of other users' processes in Linux's /proc.
        if path.endswith("/cwd"):
            raise PermissionError(path)
        return real(path)

    monkeypatch.setattr(os.path, "realpath", refuse)
    found = find_pages(tmp_path / "wiki")
    assert (found.pages, found.unfollowed) == (("a.md", "b.md"), ("cwd",))
    assert find_pages(tmp_path / "wiki", follow_links=True).pages == ("a.md", "b.md")


def test_links_out_are_followed_when_that_is_asked_for(tmp_path: Path) -> None:
    lay_out(tmp_path, "elsewhere/lib.bib", "elsewhere/deep/note.md", "secret/passwd.md", "wiki/a.md", "wiki/sub/b.md")
    root = tmp_path / "wiki"
    (root / "shared").symlink_to(tmp_path / "elsewhere")
    (root / "sub/leak").symlink_to(tmp_path / "secret")
    (root / "sub/leak.md").symlink_to(tmp_path / "secret/passwd.md")
    (root / "sub/inside.md").symlink_to(root / "a.md")
    (tmp_path / "elsewhere/deep/out.md").symlink_to(tmp_path / "secret/passwd.md")
    found = find_pages(root)
    assert (found.pages, found.unfollowed) == (("a.md", "sub/b.md"), ("shared", "sub/leak", "sub/leak.md"))
    assert "sub/inside.md" in found.attachments, "a second path of a page is a file that links may name"
    assert found.bibliographies == ()
    for path in ("shared/lib.bib", "sub/leak.md", "sub/leak/passwd.md", "shared/deep/out.md"):
        with pytest.raises(OutsideError):
            read_bytes(root, path)
        assert not files.exists(root, path)
        assert read_bytes(root, path, follow_links=True) == b"x\n"
        assert files.exists(root, path, follow_links=True)
    found = find_pages(root, follow_links=True)
    assert found.pages == ("a.md", "shared/deep/note.md", "shared/deep/out.md", "sub/b.md")
    assert (found.bibliographies, found.unfollowed) == (("shared/lib.bib",), ())


def test_a_file_under_two_paths_is_one_file(tmp_path: Path) -> None:
    lay_out(tmp_path, "out/secret.md", "out/lib.bib", "out/deep/x.md", "wiki/a.md", "wiki/sub/z.md", "wiki/sub/z.bib")
    root = tmp_path / "wiki"
    (root / "0.md").symlink_to("sub/z.md")
    (root / "0.bib").symlink_to("sub/z.bib")
    (root / "link.md").symlink_to("../out/secret.md")
    (root / "link.bib").symlink_to("../out/lib.bib")
    (root / "other").symlink_to("../out")
    (root / "sea").symlink_to("../out/deep")
    found = find_pages(root, follow_links=True)
    assert found.pages == ("a.md", "link.md", "other/deep/x.md", "sub/z.md")
    assert found.bibliographies == ("link.bib", "sub/z.bib")
    assert {"0.md", "other/secret.md", "sea/x.md", "0.bib", "other/lib.bib"} <= set(found.attachments)


def test_writing_follows_links_out_only_when_that_is_asked_for(tmp_path: Path) -> None:
    lay_out(tmp_path, "out/secret.md", "out/deep/note.md", "wiki/sub/b.md")
    root = tmp_path / "wiki"
    (root / "link.md").symlink_to("../out/secret.md")
    (root / "shared").symlink_to("../out/deep")
    for path in ("link.md", "shared/note.md"):
        with pytest.raises(OutsideError, match=f"{path}: a symbolic link leads out of the wiki; --follow-links"):
            write_atomic(root, path, b"x\n", "new\n")
    assert (tmp_path / "out/secret.md").read_text() == (tmp_path / "out/deep/note.md").read_text() == "x\n"
    write_atomic(root, "link.md", b"x\n", "new\n", follow_links=True)
    write_atomic(root, "shared/note.md", b"x\n", "new\n", follow_links=True)
    assert (root / "link.md").is_symlink()
    assert (tmp_path / "out/secret.md").read_text() == (tmp_path / "out/deep/note.md").read_text() == "new\n"


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "..", "", "//host/x"])
def test_paths_that_leave_the_root(tmp_path: Path, path: str) -> None:
    with pytest.raises(OutsideError):
        locate(tmp_path, path)


def test_bibliographies_are_found_by_name_and_look(tmp_path: Path) -> None:
    lay_out(tmp_path, "refs.bib", "zotero.ris", "CITATION.cff", "a.md", "config.yaml", "package.json", "data/list.json")
    lay_out(tmp_path, "lib/csl.json", text='[{"id": "a", "type": "book", "title": "T", "issued": {}}]')
    lay_out(tmp_path, "lib/references.yaml", text="references:\n- id: a\n  type: book\n  title: T\n")
    lay_out(tmp_path, "sources.yml", text="on: push\n")
    found = find_pages(tmp_path)
    expected = ("CITATION.cff", "lib/csl.json", "lib/references.yaml", "refs.bib", "zotero.ris")
    assert (found.bibliographies, found.discovered) == (expected, True)


def test_named_bibliographies(tmp_path: Path) -> None:
    lay_out(tmp_path, "wiki/a.bib", "wiki/b.bib", "wiki/odd[1].bib", "shared/c.bib")
    root = tmp_path / "wiki"
    assert find_pages(root, bibliography=()).bibliographies == ()
    assert find_pages(root, bibliography=("?.bib",)).bibliographies == ("a.bib", "b.bib")
    assert find_pages(root, bibliography=("odd[1].bib",)).bibliographies == ("odd[1].bib",)
    with pytest.raises(OutsideError, match="only the command line"):
        find_pages(root, bibliography=("../shared/c.bib",))
    outside = find_pages(root, bibliography=("../shared/c.bib",), anywhere=True).bibliographies
    assert outside == ((tmp_path / "shared/c.bib").as_posix(),)
    assert read_bytes(root, outside[0], anywhere=True) == b"x\n"
    with pytest.raises(OutsideError):
        read_bytes(root, outside[0])
    assert find_pages(root, bibliography=("**/[ab].bib",)).bibliographies == ("a.bib", "b.bib")
    with pytest.raises(FileError, match=r"missing\.bib: no such bibliography \(looked in .*; there is [a-z]+\.bib"):
        find_pages(root, bibliography=("missing.bib",))


def test_limits_and_odd_files(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.md", text="12345")
    assert read_bytes(tmp_path, "a.md", limit=5) == b"12345"
    with pytest.raises(TooLargeError, match="more than the limit of 4 bytes"):
        read_bytes(tmp_path, "a.md", limit=4)
    with pytest.raises(FileError, match=r"^missing\.md: no such file"):
        read_bytes(tmp_path, "missing.md")
    with pytest.raises(FileError):
        read_bytes(tmp_path, "nul\0.md")
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(FileError, match="not a regular file"):
        read_bytes(tmp_path, "pipe.md")
    assert find_pages(tmp_path).pages == ("a.md",)


def test_writing_keeps_mode_and_link(tmp_path: Path) -> None:
    lay_out(tmp_path, "real/a.md", text="old\r\n")
    (tmp_path / "real/a.md").chmod(0o640)
    (tmp_path / "page.md").symlink_to("real/a.md")
    write_atomic(tmp_path, "page.md", b"old\r\n", "\ufeffnew\r\n")
    assert (tmp_path / "page.md").is_symlink()
    assert (tmp_path / "real/a.md").read_bytes() == b"\xef\xbb\xbfnew\r\n"
    assert stat.S_IMODE((tmp_path / "real/a.md").stat().st_mode) == 0o640
    assert sorted(path.name for path in (tmp_path / "real").iterdir()) == ["a.md"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.md", text="theirs\n")
    with pytest.raises(FileError, match="changed on disk"):
        write_atomic(tmp_path, "a.md", b"old\n", "ours\n")
    with pytest.raises(FileError, match="changed on disk"):
        write_atomic(tmp_path, "a.md", b"theirs", "ours\n")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.md", b"theirs\n")]


def test_an_interrupted_write_leaves_the_old_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, "a.md", text="old\n")

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path, "a.md", b"old\n", "new\n")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.md", b"old\n")]


def test_what_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, "a.md", text="old\n")
    with pytest.raises(FileError, match="lone surrogate"):
        write_atomic(tmp_path, "a.md", b"old\n", "\ud800")
    with pytest.raises(files.ChangedError, match=r"^b\.md: deleted while"):
        write_atomic(tmp_path, "b.md", b"", "new\n")
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(FileError, match="read-only"):
        write_atomic(tmp_path, "a.md", b"old\n", "new\n")


def test_configuration_files_up_to_the_repository(tmp_path: Path) -> None:
    lay_out(tmp_path, "wikitools.toml", "repo/.git/HEAD", "repo/pyproject.toml", "repo/wiki/wikitools.toml")
    found = [path for path, _text in files.find_config_files(str(tmp_path / "repo/wiki"))]
    assert found == [str(tmp_path / "repo/wiki/wikitools.toml"), str(tmp_path / "repo/pyproject.toml")]


def test_a_page_that_another_program_writes_right_after_us_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path, "a.md", text="old\n")
    monkeypatch.setattr(files.make, "sync_folder", lambda _: (tmp_path / "a.md").write_text("theirs\n"))
    with pytest.raises(files.ChangedError, match="right after it was written"):
        write_atomic(tmp_path, "a.md", b"old\n", "new\n")
    assert (tmp_path / "a.md").read_text() == "theirs\n"


def test_owner_and_attributes_stay(tmp_path: Path) -> None:
    lay_out(tmp_path, "a.md", text="old\n")
    page = tmp_path / "a.md"
    if os.geteuid() == 0:
        os.chown(page, 1234, 4321)
    before = page.stat()
    try:
        os.setxattr(page, "user.note", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    write_atomic(tmp_path, "a.md", b"old\n", "new\n")
    after = page.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)
    assert os.getxattr(page, "user.note") == b"kept"


def test_an_owner_that_cannot_be_kept_does_not_hinder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, "a.md", text="old\n")
    asked: list[tuple[int, int]] = []

    def refused(_descriptor: int, owner: int, group: int) -> None:
        asked.append((owner, group))
        raise PermissionError

    real = os.fstat
    monkeypatch.setattr(os, "fchown", refused)
    monkeypatch.setattr(os, "fstat", lambda each: os.stat_result((*real(each)[:4], 77, 88, *real(each)[6:10])))
    write_atomic(tmp_path, "a.md", b"old\n", "new\n")
    mine = (tmp_path / "a.md").stat()
    assert asked == [(mine.st_uid, mine.st_gid), (-1, mine.st_gid)]
    assert (tmp_path / "a.md").read_text() == "new\n"


def test_only_one_run_writes_at_a_time_and_clears_what_killed_ones_left(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        "a.md",
        "sub/b.md",
        ".wikitools-write-dead____.tmp",
        "sub/.wikitools-write-dead____.tmp",
        ".wikitools-write-live____.tmp",
    )
    lay_out(tmp_path, ".wikitools-mine.md", "wikitools-other.tmp", ".wikitools-mynotes.tmp")
    (tmp_path / ".wikitools-write-folder__.tmp").mkdir()
    fcntl = pytest.importorskip("fcntl")
    with open(tmp_path / ".wikitools-write-live____.tmp", "rb") as live:
        fcntl.flock(live, fcntl.LOCK_EX)
        with files.writing(tmp_path, ["a.md", "sub/b.md"]):
            second = files.writing(tmp_path, ["a.md"], patience=0.1)
            with pytest.raises(FileError, match="another run of wikitools is writing here"), second:
                pass
            write_atomic(tmp_path, "a.md", b"x\n", "new\n")
    assert find_pages(tmp_path).pages == ("a.md", "sub/b.md")
    hidden = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob(".wikitools-*"))
    assert hidden == [
        ".wikitools-mine.md",
        ".wikitools-mynotes.tmp",
        ".wikitools-write-folder__.tmp",
        ".wikitools-write-live____.tmp",
    ]
    # Free again, and nothing is left behind.
    with files.writing(tmp_path, []):
        pass


def test_what_is_no_file_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(FileError, match="not a regular file"):
        write_atomic(tmp_path, "folder.md", b"", "new\n")
