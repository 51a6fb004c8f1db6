"""Records what a run prints, so that the next run can print it again (`replay.py`).

Which runs have a record, and what their output depends on, says `cli/replayable.py`.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from wikitools import replay
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_LARGEST = 32_000_000
"""Larger outputs, in bytes, are not recorded."""


class Basis(NamedTuple):
    """What the output of a run follows from."""

    trees: tuple[str, ...]
    places: tuple[str, ...]
    state: str
    young: tuple[tuple[str, bytes], ...]
    """These are the fields of `replay.Record`."""
    cache: str
    """The file of the cache that the run used; the record lies beside it."""


@dataclass(slots=True)
class Run:
    """The run that is going on."""

    arguments: Sequence[str]
    began: int
    """In nanoseconds."""
    above: str
    """The state of `places_above` when the run began."""
    pieces: list[tuple[int, bytes]]
    size: int
    basis: Basis | None = None
    """What the output follows from; `None` if that is uncertain."""


_run: Run | None = None


def begin(arguments: Sequence[str]) -> None:
    """Record from now on what is printed."""
    global _run
    _run = None
    if replay.may_be_recorded(arguments):
        # The current folder may be gone, or one above must not be searched: there is no record then.
        with contextlib.suppress(OSError, ValueError):
            _run = Run(arguments, time.time_ns(), state_of_places(places_above(arguments)), [], 0)


def take(kind: int, said: str | bytes) -> None:
    """Note what was printed."""
    global _run
    if _run is None:
        return
    data = said.encode("utf-8", "surrogatepass") if isinstance(said, str) else said
    _run.size += len(data)
    if _run.size > _LARGEST:
        _run = None
    else:
        _run.pieces.append((kind, data))


def explain(find_basis: Callable[[Run], Basis | None]) -> None:
    """Note from what the output follows, before it is written; without this, the run leaves no record.

    Whoever reads the output may take a long time, in which files may change.
    """
    if _run is not None:
        # A file that goes away: there is no record then.
        with contextlib.suppress(OSError, ValueError):
            _run.basis = find_basis(_run)


def give_up() -> None:
    """Keep no record of this run: a part of its output was lost."""
    global _run
    _run = None


def finish(code: int) -> None:
    """Keep the record of the run that ends with this exit code, if it can have one."""
    global _run
    run, _run = _run, None
    if run is not None and run.basis is not None and code in (0, 1):
        # No room on the disk: there is no record then.
        with contextlib.suppress(OSError, ValueError):
            _keep(run, run.basis, code)


def _keep(run: Run, basis: Basis, code: int) -> None:
    from wikitools.files import cache_folder

    folder, name = os.path.split(basis.cache)
    call = replay.call_of(run.arguments)
    record = replay.Record(
        call=call,
        trees=basis.trees,
        places=basis.places,
        state=basis.state,
        young=basis.young,
        beside=(basis.cache,),
        code=code,
        printed=tuple(_joined(run.pieces)),
    )
    place = os.path.join(folder, replay.name_of(name.partition("-")[0], call))
    cache_folder.put(place, replay.packed(record))
    cache_folder.prune(folder, keep=place)


def _joined(pieces: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Yield the pieces with neighbours of the same kind as one."""
    kind = replay.ERROR
    waiting: list[bytes] = []
    for each, data in pieces:
        if each != kind and waiting:
            yield kind, b"".join(waiting)
            waiting = []
        kind = each
        waiting.append(data)
    if waiting:
        yield kind, b"".join(waiting)


def state_of_places(places: Iterable[str]) -> str:
    """Return the state of single files."""
    return replay.state_of(replay.observe((), sorted(places)))


def places_above(starts: Iterable[str]) -> frozenset[str]:
    """Return the files that say what the wiki is, for the current folder and those of these paths that exist."""
    found = (place for start in (os.getcwd(), *starts) if os.path.lexists(start) for place in _upwards(start))
    return frozenset(found)


def _upwards(start: str) -> Iterator[str]:
    """Yield the files from a path upward that may be a configuration, or the start of a repository or wiki."""
    folder = os.path.abspath(start)
    while True:
        yield folder
        yield from (os.path.join(folder, name) for name in _NAMES)
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


OF_GIT = ("HEAD", "index", "config", "config.worktree", "info/exclude")
_NAMES = (".git", *(f".git/{name}" for name in OF_GIT), ".gitignore", ".gitmodules", "wikitools.toml", "pyproject.toml")
