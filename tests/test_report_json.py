"""The layout of JSON is what Python's own module makes of it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from wikitools.report.json import dumps

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["Cc"]))
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner) | st.tuples(inner, inner),
)


@given(DATA)
def test_indented_as_the_standard_library_does(data: object) -> None:
    assert dumps(data, indent=2).replace("\\u005b", "[") == json.dumps(data, ensure_ascii=False, indent=2)
    assert json.loads(dumps(data, indent=2)) == json.loads(json.dumps(data))
