"""Paths of links: one way of joining them, which agrees with the one of file systems."""

from __future__ import annotations

import posixpath

from hypothesis import given
from hypothesis import strategies as st

from wikitools.wiki.paths import join, join_anywhere, relative

FOLDERS = st.lists(st.sampled_from(["a", "b", ".c", "d e"]), max_size=3).map("/".join)
PATHS = st.lists(st.sampled_from(["a", "b.md", ".", "..", "", ".c", "..d", "e."]), max_size=5).map("/".join)


@given(FOLDERS, PATHS)
def test_paths_lead_where_a_file_system_says(folder: str, path: str) -> None:
    whole = path.lstrip("/") if path.startswith("/") else posixpath.join(folder, path)
    normal = posixpath.normpath(whole) if whole else ""
    found = join_anywhere(folder, path)
    assert found == ("" if normal == "." else normal)
    assert join(folder, path) == (None if found.split("/")[0] == ".." else found)


@given(FOLDERS, FOLDERS.filter(bool))
def test_what_is_written_from_a_folder_leads_back(folder: str, path: str) -> None:
    assert join(folder, relative(path, folder)) == path
