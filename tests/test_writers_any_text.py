"""Whatever a registry says about a work, no other entry of the bibliography changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from small_records import ARTICLE

from wikitools.project.additions import AdditionProofError, Bibliography, with_work
from wikitools.sources.names import Name
from wikitools.sources.record import Record

LETTERS = st.one_of(
    st.sampled_from("abcXYZ 019-–—:.,'’\"“”&%$#_{}~^\\<>@=()[]/|+*!?`"),
    st.sampled_from("αβΩжЯ中文한국ñéüßøłçÅœŞğ"),
)
WORDS = st.text(LETTERS, min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)


FILES = ["a.bib", "a.json", "a.ris", "a.csl.yaml", "references.yaml"]


@given(title=WORDS, family=WORDS, given=WORDS, path=st.sampled_from(FILES), empty=st.booleans())
def test_whatever_a_work_is_called_no_other_entry_changes(
    title: str, family: str, given: str, path: str, empty: bool
) -> None:
    before = Bibliography(path, "")
    if not empty:
        before, _key = with_work(before, ARTICLE, ())
    record = Record("x", kind="book", title=f"On {title}", names=(Name(f"X{family}", given),), years=("2001",))
    try:
        after, _key = with_work(before, record, ())
    except AdditionProofError:
        # It is not written: some names look the same as lists of names.
        return
    old, new = before.read()[0], after.read()[0]
    assert len(new) == len(old) + 1
    assert [source.title for source in new[: len(old)]] == [source.title for source in old]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", "- id: a\n  type: book\n  title: One\n  issued: 2000\n"),
        ("a.yml", "a:\n  type: book\n  title: One\n  date: 2000\n"),
    ],
)
@pytest.mark.parametrize("title", ["1984", "01", "2020-01-01", "064", "10.1", "yes"])
def test_text_that_yaml_would_read_as_a_number_or_date_stays_text(path: str, text: str, title: str) -> None:
    record = replace(ARTICLE, title=title, volume="064", issue="2")
    new, key = with_work(Bibliography(path, text), record, ())
    data = yaml.safe_load(new.text)
    entry = data[key] if isinstance(data, dict) else next(each for each in data if each["id"] == key)
    assert entry["title"] == title
    assert entry.get("parent", entry)["volume"] == "064"
