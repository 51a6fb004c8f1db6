"""Symbolic links whose targets the system does not reveal, such as those in `/proc` of other users' programs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a.md").write_text("[b](b.md) ![i](i.png) (Roe 1999)\n")
    secret = f"{tmp_path}/secret"
    for name, target in (("b.md", "b.md"), ("d", ""), ("i.png", "i.png"), ("refs.bib", "refs.bib")):
        os.symlink(os.path.join(secret, target), tmp_path / name)
    os.symlink("nowhere", secret)
    readlink = os.readlink

    def refused(path: str | os.PathLike[str], *, dir_fd: int | None = None) -> str:
        if os.path.basename(path) == "secret":
            raise PermissionError(13, "Permission denied", path)
        return readlink(path, dir_fd=dir_fd)

    # `/proc/1/cwd` may be read by some who run tests, and exists only on Linux.
    monkeypatch.setattr("os.readlink", refused)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_they_are_not_followed_and_end_no_run(wiki: Path, call: Call) -> None:
    for command in ("lint", "cite", "backfill --init", "bib check"):
        code, out, err = call(*command.split())
        assert code in (0, 1), command
        assert "5 symbolic links point outside and were not followed" in out + err


@pytest.mark.parametrize(
    "command", ["lint b.md", "lint d", "cite b.md", "lint --report json=d/x.json", "links b.md", "rename a.md d/a.md"]
)
def test_who_names_one_is_told_why(wiki: Path, call: Call, command: str) -> None:
    code, _out, err = call(*command.split())
    assert code == 2
    assert f"a symbolic link that may not be read: {wiki}/secret" in err
    assert "bug" not in err
