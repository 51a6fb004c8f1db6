"""Dataclasses whose methods are made for the first object: to make all of them took a fifth of each start."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass

    __all__ = ["dataclass"]
else:
    __all__ = ["dataclass"]

    def dataclass(**options: Any) -> Callable[[type], type]:
        """Make a class what `dataclasses.dataclass` makes of it, without inheritance, once an object is made.

        For modules that every run imports, while few runs need their objects.
        """

        def make(cls: type) -> type:
            return _make(cls, options)

        return make


_AWAITED = ("__init__", "__setstate__", "__getstate__", "__match_args__", "__dataclass_fields__")
"""What is asked of a class before anything else that the decorator makes."""
_ONE_AT_A_TIME = threading.RLock()


def _make(cls: type, options: dict[str, Any]) -> type:
    """Return a class with the slots of a dataclass, which completes itself."""
    names = tuple(cls.__annotations__)
    body = {name: value for name, value in vars(cls).items() if name not in (*names, "__dict__", "__weakref__")}

    def complete() -> None:
        import dataclasses

        with _ONE_AT_A_TIME:
            if not isinstance(vars(made).get("__init__"), _Awaited):
                return
            whole: type = dataclasses.dataclass(**options)(cls)
            for name in _AWAITED[1:]:
                delattr(made, name)
            for name, value in vars(whole).items():
                if name not in (*names, "__slots__", "__init__") and vars(made).get(name) is not value:
                    setattr(made, name, value)
            # Last, as this says that the class is complete.
            type.__setattr__(made, "__init__", vars(whole)["__init__"])

    awaited = {name: _Awaited(name, complete) for name in _AWAITED}
    made = type(cls)(cls.__name__, cls.__bases__, {**body, **awaited, "__slots__": names})
    made.__qualname__ = cls.__qualname__
    return made


class _Awaited:
    """An attribute of a class that is complete once somebody asks for it."""

    def __init__(self, name: str, complete: Callable[[], None]) -> None:
        self._name = name
        self._complete = complete

    def __get__(self, thing: object | None, owner: type) -> Any:
        self._complete()
        return getattr(owner if thing is None else thing, self._name)
