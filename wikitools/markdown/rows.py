"""Elements of a page as rows of plain data, each of which becomes an object when it is needed.

Most links simply lead to a page, and the row is enough to know that: making an object of each would take longer than
checking it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

Row = TypeVar("Row")

Thing_co = TypeVar("Thing_co", covariant=True)


class Rows(Sequence[Thing_co], Generic[Row, Thing_co]):
    """A tuple whose members are made from `rows` when they are needed, each of them once."""

    __slots__ = ("_all", "_make", "_some", "rows")

    def __init__(self, rows: Sequence[Row], make: Callable[[Row], Thing_co]) -> None:
        self.rows = rows
        self._make = make
        self._some: dict[int, Thing_co] = {}
        self._all: tuple[Thing_co, ...] | None = None if rows else ()

    def all(self) -> tuple[Thing_co, ...]:
        """Return the members as a tuple."""
        found = self._all
        if found is None:
            some, make = self._some, self._make
            if some:
                found = tuple(some[at] if at in some else make(row) for at, row in enumerate(self.rows))
            else:
                found = tuple(map(make, self.rows))
            self._all = found
        return found

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Thing_co]:
        return iter(self.all())

    @overload
    def __getitem__(self, at: int) -> Thing_co: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Thing_co, ...]: ...

    def __getitem__(self, at: int | slice) -> Thing_co | tuple[Thing_co, ...]:
        if self._all is not None or isinstance(at, slice) or at < 0:
            return self.all()[at]
        thing = self._some.get(at)
        if thing is None:
            thing = self._some[at] = self._make(self.rows[at])
        return thing

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Rows):
            return self.all() == other.all()
        return self.all() == other if isinstance(other, tuple) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # lists have none either, and nobody keeps these in sets

    def __repr__(self) -> str:
        return repr(self.all())

    def __reduce__(self) -> tuple[type[tuple[Thing_co, ...]], tuple[tuple[Thing_co, ...]]]:
        # `make` is a function of the page's path, which cannot be pickled, so the members are.
        return tuple, (self.all(),)
