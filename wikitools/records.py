"""Dataclasses whose methods are made for the first object, and in a cheaper way than the standard library's.

To make all of them took a fifth of each start: the standard library compiles each method of each class by itself. Here
only `__init__` is compiled; the other methods are the same few functions for all classes.
"""

from __future__ import annotations

import operator
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
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
        with _ONE_AT_A_TIME:
            if not isinstance(vars(made).get("__init__"), _Awaited):
                return
            methods = _methods(cls, made, options)
            for name in _AWAITED[1:]:
                delattr(made, name)
            for name, value in methods.items():
                if name not in (*names, "__slots__", "__init__", "__dict__", "__weakref__") and (
                    vars(made).get(name) is not value
                ):
                    setattr(made, name, value)
            # Last, as this says that the class is complete.
            type.__setattr__(made, "__init__", methods["__init__"])

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


def _methods(cls: type, made: type, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the attributes that make `cls` a dataclass; `made` is the class with slots that gets them."""
    import dataclasses

    if hasattr(cls, "__post_init__") or not options.keys() <= {"frozen", "slots", "order"}:
        return vars(dataclasses.dataclass(**options)(cls))
    plain: type = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    fields = dataclasses.fields(plain)
    if not all(each.init and not each.kw_only for each in fields) or len(fields) != len(cls.__annotations__):
        return vars(dataclasses.dataclass(**options)(cls))
    compared = _values_of([each.name for each in fields if each.compare])
    shown = [each.name for each in fields if each.repr]

    def __repr__(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def comparison(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
        def compared_to(self: Any, other: Any) -> Any:
            return compare(compared(self), compared(other)) if type(other) is type(self) else NotImplemented

        return compared_to

    found = {**vars(plain), "__init__": _init(made, fields), "__repr__": __repr__, "__eq__": comparison(operator.eq)}
    found["__hash__"] = None
    if options.get("order"):
        found |= {f"__{name}__": comparison(getattr(operator, name)) for name in ("lt", "le", "gt", "ge")}
    if options.get("frozen"):
        hashed = _values_of([each.name for each in fields if (each.compare if each.hash is None else each.hash)])
        values = _values_of([each.name for each in fields])
        setters = [getattr(made, each.name).__set__ for each in fields]

        def __setstate__(self: Any, state: Any) -> None:
            for setter, value in zip(setters, state, strict=True):
                setter(self, value)

        found |= {
            "__hash__": lambda self: hash(hashed(self)),
            "__setattr__": _refuse_to_assign,
            "__delattr__": _refuse_to_delete,
            "__getstate__": lambda self: list(values(self)),
            "__setstate__": __setstate__,
        }
    return found


def _values_of(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a function that returns the values of these attributes."""
    if len(names) > 1:
        return operator.attrgetter(*names)
    return (lambda thing: (getattr(thing, names[0]),)) if names else (lambda _thing: ())


def _init(made: type, fields: tuple[Any, ...]) -> Any:
    """Return the `__init__` of a class; it sets slots directly, in half the time of `object.__setattr__`."""
    import dataclasses

    known: dict[str, Any] = {"_missing": dataclasses.MISSING}
    parameters, lines = ["self"], []
    for each in fields:
        name, value = each.name, each.name
        known[f"_set_{name}"] = getattr(made, name).__set__
        if each.default_factory is not dataclasses.MISSING:
            known[f"_make_{name}"] = each.default_factory
            parameters.append(f"{name}=_missing")
            value = f"_make_{name}() if {name} is _missing else {name}"
        elif each.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = each.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        lines.append(f" _set_{name}(self, {value})\n")
    exec(f"def __init__({', '.join(parameters)}):\n{''.join(lines) or ' pass'}", known)  # as dataclasses does
    init = known["__init__"]
    init.__qualname__ = f"{made.__qualname__}.__init__"
    init.__annotations__ = {**{each.name: each.type for each in fields}, "return": None}
    return init


def _refuse_to_assign(thing: object, name: str, _value: object) -> None:
    import dataclasses

    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(thing: object, name: str) -> None:
    import dataclasses

    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
