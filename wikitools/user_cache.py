"""Where the user's cache folder is. Imports only what Python has at its start."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def user_folder(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the default folder of the cache, in the user's cache folder; `None` for a user without a home folder."""
    home = os.path.expanduser("~") if environment.get("HOME") != "" else ""
    given = environment.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", "")
    if not os.path.isabs(given):
        # The specification of XDG_CACHE_HOME says to ignore a relative path.
        if not (os.path.isabs(home) and os.path.isdir(home)):
            return None
        given = os.path.join(home, *_CACHES.get(sys.platform, (".cache",)))
    return os.path.join(given, "wikitools", *(("Cache",) if sys.platform == "win32" else ()))


_CACHES = {"darwin": ("Library", "Caches"), "win32": ("AppData", "Local")}
