"""What fits no source, and what is not a citation at all."""

from __future__ import annotations

import pytest
from small_library import cited, source

from wikitools.sources.source import Bibliography


@pytest.mark.parametrize(
    "text",
    [
        "in *The Corruption of Economics* (1994)",
        "of “Money in Canada” (2023)",
        "in *[Progress and Poverty](/wiki/progress/)* (1902)",
        "*The Power in the Land* (Shepheard-Walwyn, 1983)",
        "(Princeton University Press, 2018) and (Science Robotics 2022)",
        "(ICRA 2024), (RSS 2026), (IEEE Access 2020)",
        "（而非 2048） 按上游基准与一篇 2026",
        "the sensor (HiFi-UMI-2K 2000)",
    ],
)
def test_titles_publishers_and_venues_are_no_citations(text: str) -> None:
    assert [each.citation.text for each in cited(text) if each.convincing] == []


LIKE_ALL_OTHERS = (
    "(Roe 2001) (Pell 2002) (Lund 2003) (Quist 2004) Roe et al. 2005, Pell et al. 2006, Lund et al. 2007. "
)


@pytest.mark.parametrize(
    "text",
    [
        "It happened in Utrecht. A treaty followed (Utrecht 1913).",
        "In Baltimore, taxes fell. Baltimore's 1926 hearing was short.",
        "The budget grew. Since Budget 2025 it shrinks.",
        "It fell to 20 % (Denmark, 2001), 40 % (France, 2008) and 30 % (Canada, 2007).",
        "The directors (Orr Research, 2021–present) agree.",
        "It is about kelp · Orr, Pim · Blood 2001. Things in Blood differ.",
    ],
)
def test_places_and_events_are_no_citations_on_a_page_full_of_them(text: str) -> None:
    library = Bibliography([source("kelp", "Canada, Statistics", "2010")])
    assert [each.citation.text for each in cited(LIKE_ALL_OTHERS + text, library) if each.convincing][7:] == []


def test_a_meeting_that_a_source_appeared_at_is_no_author() -> None:
    library = Bibliography([source("kelp", "Roe, A.", "2025", fields={"venue": "Humanoids 2025"})])
    assert cited("CoRe (Humanoids 2026) moves.", library) == ()
    assert [each.citation.text for each in cited("CoRe (Humanoid 2026) moves.", library)] == ["Humanoid 2026"]


def test_shapes_convince_without_any_bibliography() -> None:
    found = cited("(Hubinger et al. 2019), (Shah & Jones 2023), (Nobody 2020)", Bibliography())
    assert [each.convincing for each in found] == [True, True, True]


@pytest.mark.parametrize(
    "text",
    [
        "abroad (Iran 1953, Guatemala 1954)",
        "aggressive laws (Tillman Act 1907)",
        "all of Canada's 2021 tax",
        "(Intro, Ch. 1)",
        "(VERIFY Ch. 6)",
    ],
)
def test_places_laws_and_notes_to_oneself_are_no_citations(text: str) -> None:
    assert cited(text) == ()


def test_what_stands_before_a_full_width_comma_is_no_name() -> None:
    chan = Bibliography([source("chan", "Chan, A.; Li, B.; Wu, C.", "2022")])
    for library in (chan, Bibliography([])):
        (found,) = cited("使用（ICL，Chan et al. 2022）", library)
        assert (found.citation.text, found.citation.names) == ("Chan et al. 2022", ("Chan",))
