"""Names near to a dead one are the same, however those that may be near are found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikitools.wiki import index

NAMES = st.lists(st.text("abc -é", min_size=1, max_size=8), max_size=30)


@given(NAMES, NAMES)
def test_a_table_finds_what_looking_finds(known: list[str], asked: list[str]) -> None:
    looked_for, prepared = (index._Nearness((name, f"{name}.md") for name in known) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_FEW", 0)
        prepared.prepare()
        assert [looked_for.near(name) for name in asked] == [prepared.near(name) for name in asked]
    bearers, table = looked_for._by_length[3], prepared._by_length[3]
    for triple in {triple for name in (*known, *asked) for triple in index._triples(name)}:
        assert list(bearers.of(triple)) == list(table.of(triple))
