"""Pages read by other processes and machines are checked as those that this one reads."""

from __future__ import annotations

import sys
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest
from checks import EVERYTHING, told

from wikitools import files
from wikitools.config import Settings
from wikitools.project import cache as store
from wikitools.project import checking, cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Call


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    for number in range(40):
        text = (
            f"# P{number}\n\n## Life\n\n[[p{number + 1}#Life]] [x](p{number}.md#no) (Doe 2020; Roe 1999)\n\n> - [[a\n"
        )
        (root / f"p{number}.md").write_text(text)
    (root / "bad.md").write_bytes(b"\xff\xfe")
    (root / "refs.bib").write_text("@book{doe, author = {Doe, J.}, title = {T}, year = 2020}\n")
    return root


def local(root: Path) -> list[str]:
    return told(checking.check(Settings(root=root), EVERYTHING, jobs=1).outcome)


@pytest.mark.parametrize("kind", ["processes", "threads"])
def test_any_executor_reads_pages(wiki: Path, kind: str) -> None:
    made: Executor = (
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) if kind == "processes" else ThreadPoolExecutor(4)
    )
    with made as executor:
        checked = checking.check(Settings(root=wiki), EVERYTHING, jobs=1, executor=executor)
    assert checked.read == 41
    assert told(checked.outcome) == local(wiki)


class Blind(Executor):
    """Workers that do not see the files."""

    def map(self, fn: Any, *iterables: Any, timeout: float | None = None, chunksize: int = 1) -> Any:
        work = fn.work
        elsewhere = replace(work, settings=replace(work.settings, root=work.settings.root / "not"))
        return map(type(fn)(elsewhere), *iterables)


def test_workers_that_do_not_see_the_files_are_told_of(wiki: Path) -> None:
    with pytest.raises(files.FileError, match=r"the workers cannot read it, this machine can"):
        checking.check(Settings(root=wiki), EVERYTHING, jobs=1, executor=Blind())


@pytest.mark.parametrize("address", ["dask://", "dask://host", "tcp://host:1", "host:8786"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(cluster.ClusterError, match="not the address of a cluster"):
        cluster.find_executor(address)


def test_without_dask_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(cluster.ClusterError, match="needs the package distributed") as raised:
        cluster.find_executor("dask://localhost:8786")
    assert 'pip install "wikitools-md[dask]"' in raised.value.hint


def test_what_reads_the_wiki_as_a_whole_is_refused(wiki: Path, call: Call) -> None:
    code, _out, err = call("lint", "--executor", "dask://localhost:1", "--diff", str(wiki))
    assert code == 2
    assert "--executor is for checks that go page by page" in err


# On a real cluster of two workers


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    distributed = pytest.importorskip("distributed", reason="distributed is not installed")
    with distributed.LocalCluster(  # type: ignore[no-untyped-call]  # distributed is typed in parts
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None, silence_logs=50, host="127.0.0.1"
    ) as made:
        yield made.scheduler_address.replace("tcp://", cluster.SCHEME)


pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]


def test_a_cluster_finds_what_this_machine_finds_and_fills_the_same_cache(
    wiki: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_RACY", -(10**18))
    opened = store.open_store(str(tmp_path / "cache"), wiki, pytest.fail)
    executor = cluster.find_executor(address)
    checked = checking.check(Settings(root=wiki), EVERYTHING, jobs=1, store=opened, executor=executor)
    assert checked.read == 41
    assert told(checked.outcome) == local(wiki)
    again = checking.check(Settings(root=wiki), EVERYTHING, jobs=1, store=opened)
    assert again.read <= 1  # the page that cannot be read is never known
    assert told(again.outcome) == local(wiki)
    assert opened is not None
    opened.close()


def test_another_version_on_a_worker_is_refused(wiki: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "__version__", "99.0")
    cluster.code_version.cache_clear()
    executor = cluster.find_executor(address)
    with pytest.raises(cluster.ClusterError, match=r"runs wikitools \S+ \(.*\), this is 99\.0 \("):
        checking.check(Settings(root=wiki), EVERYTHING, jobs=1, executor=executor)
    monkeypatch.undo()
    cluster.code_version.cache_clear()


def test_workers_that_die_or_hang_end_the_run_with_a_message(address: str) -> None:
    executor = cluster.find_executor(address, patience=1.0)
    with pytest.raises(cluster.ClusterError, match="nothing came back for 1 seconds"):
        list(executor.map(sleep, [30]))
    executor = cluster.find_executor(address)
    with pytest.raises(cluster.ClusterError, match="the workers died"):
        list(executor.map(die, [0]))


def sleep(seconds: float) -> None:
    import time

    time.sleep(seconds)


def die(_nothing: int) -> None:
    import os

    os._exit(1)


def test_a_scheduler_that_is_not_there_ends_the_run_with_two(
    wiki: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="distributed is not installed")
    monkeypatch.setattr(cluster, "CONNECTING", 0.2)
    code, out, err = call("lint", "--no-progress", "--executor", "dask://127.0.0.1:9", "--no-cache", str(wiki))
    assert (code, out) == (2, "")
    assert err.startswith("error: dask://127.0.0.1:9: the scheduler does not answer")
