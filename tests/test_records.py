"""Dataclasses that are made late behave like those that are made at once."""

from __future__ import annotations

import copy
import dataclasses
import pickle  # noqa: TID251  # processes of one run send objects to each other
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from wikitools.lint.url_status import Moved
from wikitools.records import dataclass as late
from wikitools.wiki.resolution import Found


def make(dataclass: Any) -> Any:
    @dataclass(frozen=True, slots=True, order=True)
    class Thing:
        """Words."""

        name: str
        size: int = 2
        parts: tuple[str, ...] = dataclasses.field(default=(), compare=False)

        @property
        def twice(self) -> int:
            return 2 * self.size

    return Thing


def seen(thing: Any) -> list[Any]:
    """What can be seen of a class."""
    one, other = thing("a"), thing(name="a", size=3, parts=("b",))
    return [
        repr(one).rpartition(".")[2], one == thing("a"), one == other, one < other,
        hash(one) == hash(thing("a", parts=("c",))),
        other.twice, dataclasses.asdict(other), repr(dataclasses.replace(one, size=9)).rpartition(".")[2],
        thing.__match_args__, thing.__doc__, thing.__qualname__, sorted(vars(thing)), copy.copy(other) == other,
    ]  # fmt: skip


def test_late_is_like_at_once() -> None:
    assert seen(make(late)) == seen(make(dataclasses.dataclass))


def test_nothing_can_be_set() -> None:
    thing = make(late)("a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        thing.name = "b"
    with pytest.raises(TypeError):
        make(late)()


@pytest.mark.parametrize("ask", [dataclasses.fields, dataclasses.is_dataclass, lambda thing: thing.__match_args__])
def test_a_class_may_be_asked_before_it_has_an_object(ask: Any) -> None:
    assert str(ask(make(late))) == str(ask(make(dataclasses.dataclass)))


def test_many_threads_may_make_the_first_object() -> None:
    for _round in range(20):
        thing = make(late)
        with ThreadPoolExecutor(8) as threads:
            assert {each.size for each in threads.map(thing, "abcdefgh")} == {2}


@pytest.mark.slow
def test_the_first_object_may_be_unpickled() -> None:
    sent = pickle.dumps([Found("a", "title"), Found("a", "title")])
    program = f"import pickle; one, other = pickle.loads({sent!r}); assert one == other and hash(one); print(one)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == repr(Found("a", "title"))
    assert dataclasses.is_dataclass(Moved)
