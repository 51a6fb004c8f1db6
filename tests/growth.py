"""How CPU time grows with the size of what is given; a busy machine makes a run slower, never quicker."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TRIES = 4
_MORE_TRIES = 10
"""With growing pauses, so that not all of them fall into a moment in which the machine is slow."""
_SHORTEST = 0.02
"""Seconds; of what is quicker, the clock says too little."""


def is_linear(seconds: Callable[[int], float], size: int, *, times: int) -> bool:
    """Say whether `times` the size takes no more than three times its share, in the best of several tries.

    `seconds` does the work for a size and returns the CPU time that it took. Quadratic is 8 times its share for
    `times=8`.
    """
    least = max(min(seconds(size) for _ in range(_TRIES)), _SHORTEST)
    for number in range(_MORE_TRIES):
        if seconds(size * times) < 3 * times * least:
            return True
        time.sleep(0.1 * number)
    return False
