"""Commands where nothing can be forked, as on Windows: the same output, files and exit codes as with one process."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from wikitools.project import workers
from wikitools.project.loading import _PageReader

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

pytestmark = pytest.mark.slow


COMMANDS = {
    "lint": ("lint",),
    "lint of a few rules": ("lint", "--select", "links,anchors"),
    "fix": ("lint", "--fix", "--select", "ALL"),
    "index": ("lint", "--index", "git"),
    "staged": ("lint", "--staged"),
    "news": ("lint", "--new-since", "HEAD"),
    "cite": ("cite", "--output-format", "json-lines"),
    "backfill": ("backfill", "--init"),
    "a page": ("rename", "page001", "deep/er/first"),
    "a folder": ("rename", "notes/", "ideas/"),
    "baseline": ("baseline", "create"),
    "bibliography": ("bib", "check"),
}
NIGHTLY = ("lint of a few rules", "index", "news", "a folder", "bibliography")
"""They hand out the same work as another of the commands."""


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.*") if path.is_file()}


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    root = tmp_path / "wiki"
    (root / "notes").mkdir(parents=True)
    (root / "wikitools.toml").write_text('bibliography = ["refs.bib", "more.bib"]\n')
    for name in ("refs", "more"):
        (root / f"{name}.bib").write_text(
            "\n".join(
                f"@book{{{name}{n}, author = {{A{n}, B}}, title = {{T {n}}}, year = {{20{n:02}}}}}" for n in range(60)
            )
        )
    for number in range(40):
        (root / f"page{number:03}.md").write_text(
            f"---\ndate: 2020-01-02\ntags: [a]\n---\n# Page {number}\n\n"
            f"See (A{number} 20{number:02}), [[page{number + 1:03}]],\n"
            f"[x](notes/n{number}.md#one), [[Notes/N{number}]], [[missing {number}]] and ![](i{number}.png).\n"
        )
        (root / f"notes/n{number}.md").write_text(f"# One\n\n[back](../page{number:03}.md) [z](Page{number:03}.md)\n")
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@y")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        subprocess.run((*git, *arguments), cwd=root, check=True)
    (root / "page002.md").write_text("# Two\n\n[[nowhere]]\n")
    subprocess.run((*git, "add", "-A"), cwd=root, check=True)
    return root


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, id=name, marks=pytest.mark.nightly if name in NIGHTLY else ())
        for name, command in COMMANDS.items()
    ],
)
def test_started_workers_come_to_the_same(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    copy = wiki.parent / "other/wiki"
    shutil.copytree(wiki, copy)
    monkeypatch.chdir(copy)
    alone = call(*command, "-j", "1", "--no-cache")
    monkeypatch.chdir(wiki)
    # However little there is to do: the first item is done here, the others elsewhere.
    monkeypatch.setattr(workers, "_SURELY_MANY", -1)
    monkeypatch.delattr(os, "fork", raising=False)
    assert call(*command, "-j", "2", "--no-cache") == alone
    assert alone[0] in (0, 1)
    assert contents(wiki) == contents(copy)


def test_pages_that_travelled_are_what_they_were(wiki: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many pages as a real wiki has, read by two workers that were started."""
    monkeypatch.delattr(os, "fork", raising=False)
    paths = [f"page{number % 40:03}.md" for number in range(2000)]
    reader = _PageReader(wiki, 10_000_000)
    steps: list[tuple[str, int, int]] = []
    read = workers.spread(reader, paths, jobs=2, phase="reading pages", progress=lambda *step: steps.append(step))
    assert read == [reader(path) for path in paths]
    assert steps[-1] == ("reading pages", 2000, 2000)


class _Ends:
    """Work that ends the process which does it, but for the first item."""

    def __call__(self, number: int) -> int:
        if number:
            os._exit(3)
        return number


class _Fails:
    def __call__(self, number: int) -> int:
        if number == 7:
            raise OSError(5, "no")
        return number


@pytest.mark.parametrize(("work", "error"), [(_Ends(), workers.WorkerError), (_Fails(), OSError)])
def test_what_goes_wrong_in_a_started_worker_is_raised(
    monkeypatch: pytest.MonkeyPatch, work: Any, error: type[Exception]
) -> None:
    monkeypatch.setattr(workers, "_SURELY_MANY", -1)
    monkeypatch.delattr(os, "fork", raising=False)
    began = time.monotonic()
    with pytest.raises(error):
        workers.spread(work, range(20), jobs=2, phase="working")
    assert time.monotonic() - began < 300
