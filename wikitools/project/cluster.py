"""Reads pages on other machines: a Dask cluster behind the interface of `concurrent.futures`.

Each worker gets the settings, the paths of all files and the sources of the bibliographies once; then it gets paths,
and returns what it found, packed. The workers read the files themselves, and must see them under the same paths.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import os
import sys
from concurrent.futures import Executor, Future
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from wikitools import __version__, files
from wikitools.project.cache import LIBRARIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import ModuleType

    import distributed

Answer = TypeVar("Answer")

SCHEME = "dask://"
CONNECTING = 10.0
"""How many seconds the scheduler has to answer."""
PATIENCE = 600.0
"""After how many seconds without any answer the run ends."""


class ClusterError(files.FileError):
    """The cluster cannot do the work; the message is one line."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def find_executor(address: str, *, patience: float = PATIENCE) -> DaskExecutor:
    """Return an executor for the cluster at `address` (`dask://HOST:PORT`); it does not connect yet.

    Raises `ClusterError` if the address is malformed or Dask is not installed.
    """
    host, colon, port = address.removeprefix(SCHEME).rpartition(":")
    if not address.startswith(SCHEME) or not (host and colon and port.isdigit()):
        raise ClusterError(f"--executor {address}: not the address of a cluster", f"as in {SCHEME}HOST:8786")
    try:
        import distributed
    except ImportError:
        hint = 'pip install "wikitools-md[dask]"'
        raise ClusterError(f"--executor {address}: needs the package distributed", hint) from None
    return DaskExecutor(address, f"tcp://{host}:{port}", distributed, patience)


@cache
def code_version() -> str:
    """Return the version of wikitools, with a hash of its code and of libraries that affect results, and of Python."""
    made = hashlib.blake2b(digest_size=5)
    top = os.path.dirname(os.path.dirname(__file__))
    for folder, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    data = file.read()
                made.update(f"{os.path.relpath(path, top)} {len(data)}\n".replace(os.sep, "/").encode() + data)
    for library in LIBRARIES.values():
        made.update(f"{library} {importlib.metadata.version(library)}\n".encode())
    return f"{__version__} ({made.hexdigest()}, Python {sys.version_info[0]}.{sys.version_info[1]})"


class DaskExecutor(Executor):
    """Runs work on a cluster. Each `map` opens and closes its own connection."""

    def __init__(self, address: str, place: str, distributed: ModuleType, patience: float) -> None:
        self.address = address
        self._place = place
        self._distributed = distributed
        self._patience = patience

    def submit(self, fn: Callable[..., Answer], /, *args: object, **kwargs: object) -> Future[Answer]:
        """Run one piece of work and wait for it."""
        future: Future[Answer] = Future()
        try:
            future.set_result(next(self.map(lambda _nothing: fn(*args, **kwargs), (None,))))
        except BaseException as error:  # noqa: BLE001  # a future carries whatever was raised
            future.set_exception(error)
        return future

    def map(
        self,
        fn: Callable[..., Answer],
        *iterables: Iterable[object],
        timeout: float | None = None,
        chunksize: int = 1,
    ) -> Iterator[Answer]:
        """Yield `fn` of the items, in order. Raises `ClusterError`, and what `fn` raises."""
        del chunksize  # Dask sends each item by itself.
        # The library logs whole tracebacks of errors that are reported here in one line.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            client = self._distributed.Client(self._place, timeout=CONNECTING, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            why = f"the scheduler does not answer: {_first_line(error)}"
            raise ClusterError(f"{self.address}: {why}") from error
        try:
            self._examine(client)
            work = client.scatter(fn, broadcast=True, hash=False)
            futures = client.map(_call, [work] * _length(iterables), *map(list, iterables), pure=False)
            for future in futures:
                yield future.result(timeout=timeout or self._patience)
        except self._distributed.scheduler.KilledWorker as error:
            raise ClusterError(f"{self.address}: the workers kept dying: {_first_line(error)}") from error
        except TimeoutError as error:
            why = f"nothing came back for {timeout or self._patience:,.0f} seconds"
            raise ClusterError(f"{self.address}: {why}", "are there workers?") from error
        except (self._distributed.CancelledError, self._distributed.comm.CommClosedError) as error:
            # If all workers of some work died, the scheduler no longer has its data.
            raise ClusterError(
                f"{self.address}: the workers died, or are out of reach: {_first_line(error)}"
            ) from error
        finally:
            client.close(timeout=CONNECTING)

    def _examine(self, client: distributed.Client) -> None:
        """Raise `ClusterError` unless all workers run this code."""
        try:
            told = client.run(code_version, on_error="return")
        except (OSError, TimeoutError) as error:
            raise ClusterError(f"{self.address}: the connection was lost: {_first_line(error)}") from error
        if not told:
            raise ClusterError(f"{self.address}: the cluster has no workers")
        here = code_version()
        for worker, version in sorted(told.items()):
            if isinstance(version, ModuleNotFoundError | ImportError | AttributeError):
                raise ClusterError(
                    f"{self.address}: the worker {worker} cannot run wikitools {here}: {_first_line(version)}",
                    "install the same version there",
                )
            if isinstance(version, BaseException):
                raise ClusterError(f"{self.address}: the worker {worker} does not answer: {_first_line(version)}")
            if version != here:
                raise ClusterError(
                    f"{self.address}: the worker {worker} runs wikitools {version}, this is {here}",
                    "install the same version there",
                )


def _call(work: Callable[..., Answer], *args: object) -> Answer:
    return work(*args)


def _length(iterables: Sequence[Iterable[object]]) -> int:
    return min(len(list(each)) for each in iterables)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
