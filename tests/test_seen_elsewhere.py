"""Citations told by what else the page says: names and years without brackets, and where the work appeared."""

from __future__ import annotations

import pytest
from small_library import cited, source

from wikitools.sources.source import Bibliography
from wikitools.wiki.resolution import Ambiguous, Found, Missing


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("It is so (Roe 2009). A replication of Roe 2009 failed.", ["Roe 2009", "Roe 2009"]),
        ("Roe et al. 2009 found it. The Roe 2009 trial is small.", ["Roe et al. 2009", "Roe 2009"]),
        ("It is so (Roe 2009). A replication of Roe 2012 failed.", ["Roe 2009"]),
        ("**Roe 2009 — kelp.** It grows [^roe2009].\n\n[^roe2009]: Roe J · Kelp", ["Roe 2009"]),
        ("In Roe and Pim 2011 kelp grows [^roe-2011].\n\n[^roe-2011]: Roe J", ["Roe and Pim 2011"]),
        ("In Oslo 2009 it rained [^1].\n\n[^1]: Roe J · Kelp", []),
        ("In Oslo 2009 it rained [^roe2009].\n\n[^roe2009]: Roe J · Kelp", []),
    ],
)
def test_a_name_and_year_without_brackets_are_told_where_the_page_has_them_as_a_work(
    text: str, told: list[str]
) -> None:
    found = [each for each in cited(text, Bibliography()) if each.convincing and each.citation.kind == "author-year"]
    assert [each.citation.text for each in found] == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("See Roe et al. NEJM 2013 here.", ["Roe et al. NEJM 2013"]),
        ("See Roe et al., Nat Moss 2014 here.", ["Roe et al., Nat Moss 2014"]),
        ("It is so (Roe J et al., J Exp Moss 2013).", ["Roe J et al., J Exp Moss 2013"]),
        ("Roe et al. (*Kelp*, 2013) say so.", ["Roe et al. (*Kelp*, 2013)"]),
        ("Pim et al. (Kelp 2014) say so.", ["Pim et al. (Kelp 2014)"]),
        ("基线（Roe et al., CVPR 2022）", ["Roe et al., CVPR 2022"]),
        ("Roe 等均为 2026 年发布", []),
        ("Roe et al. (GBD 2016 Collaborators) say so.", []),
        ("Capitalism, Socialism and Democracy (Roe, 1942) is his.", ["Roe, 1942"]),
    ],
)
def test_where_a_work_appeared_may_stand_between_authors_and_year(text: str, told: list[str]) -> None:
    assert [each.citation.text for each in cited(text, Bibliography()) if each.convincing] == told


MOSS = {"journal": "Nature Moss"}


@pytest.mark.parametrize(
    ("fields", "text", "means"),
    [
        (MOSS, "Roe et al., Nat Moss 2013", Found),
        ({}, "Roe et al., Nat Moss 2013", Found),
        (MOSS, "Roe et al., Silt 2013", Ambiguous),
        (MOSS, "Roe et al., Nat Moss 2014", Missing),
        (MOSS, "Roe et al. (Nat Moss 2013)", Found),
        (MOSS, "Roe, Pim and Orr (Nat Moss 2013)", Found),
    ],
)
def test_a_work_that_appeared_elsewhere_only_may_be_meant(fields: dict[str, str], text: str, means: type) -> None:
    library = Bibliography([source("roe", "Roe, A.; Pim, B.; Orr, C.", "2013", fields=fields)])
    assert [type(each.resolution) for each in cited(f"It is so: {text} says it.", library)] == [means]
