"""Interrupts: Ctrl-C, SIGTERM and a closed terminal end every run in the same way, never during a write."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, NoReturn, Self

if TYPE_CHECKING:
    from types import FrameType

SIGNALS: tuple[int, ...] = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
"""The signals that ask a run to end. Windows has SIGBREAK (Ctrl-Break), the others SIGHUP."""


class Interrupt(KeyboardInterrupt):
    """One of the signals came. Python ends by SIGINT, whatever was caught, after a plain one that passed an `exec`."""


_received = 0
"""The first signal that came; 0 for none."""
_waiting = False
"""Whether an interrupt came while interrupts were held, and nobody was told yet."""
_over = False
"""Whether the run is over."""
_holders = 0
"""How many `Held` blocks are open."""


def listen() -> None:
    """Turn the signals into `Interrupt`; those that the caller of this process ignores stay ignored (nohup)."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def listen_no_more() -> None:
    """Ignore the signals from now on: the run is over, and its exit code stands."""
    global _over
    _over = True
    for number in SIGNALS:
        # At its very end Python gives up its handlers, but leaves what is ignored.
        signal.signal(number, signal.SIG_IGN)


def leave_to_parent() -> None:
    """In a worker: ignore what reaches every process of a terminal; the main process ends its workers itself."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.SIG_IGN)


def came() -> bool:
    """Say whether one of the signals came."""
    return bool(_received)


def exit_code() -> int:
    """Return the exit code of an interrupted run, as a shell counts it: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + (_received or signal.SIGINT)


class Held:
    """A block that no interrupt breaks into. One that comes meanwhile is raised by `check`, or when the block is left.

    An error that leaves the block goes first: the interrupt then waits for the next `check`.
    """

    def __enter__(self) -> Self:
        """Begin to hold interrupts."""
        global _holders
        _holders += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        """Let interrupts through again, and raise the one that came."""
        global _holders
        _holders -= 1
        if kind is None and not _holders:
            check()


def check() -> None:
    """Raise the `Interrupt` that came while interrupts were held; called where nothing is half done."""
    global _waiting
    if _waiting:
        _waiting = False
        raise Interrupt


def _interrupt(number: int, _frame: FrameType | None) -> None:
    global _received, _waiting
    if _over:
        return
    first = not _received
    _received = _received or number
    if _holders:
        _waiting = True
    elif first:
        raise Interrupt
    else:
        end_now()


def end_now() -> NoReturn:
    """End the process at once: nothing is being written, and an interrupt came while another was dealt with."""
    os._exit(exit_code())
