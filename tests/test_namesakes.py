"""Works that namesakes may have written, in a large bibliography: meant, perhaps meant, or told as missing."""

from __future__ import annotations

import pytest
from small_library import cited, keys, source

from wikitools.sources.source import Bibliography
from wikitools.wiki.resolution import Ambiguous, Found, Missing

CROWD = tuple(source(f"c{n}", f"Crowd{n}, A; Herd{n}, B", "2001", f"Topic{n} and theme{n}") for n in range(1000))
MARROW = source("marrow", "Li, Ann; Xu, Bo; Hu, Qi", "2013", "Marrow cells of adult mice")
LIBRARY = Bibliography([*CROWD, MARROW, *(source(f"li{n}", "Li, Cy", str(1950 + n), "Rivers") for n in range(40))])
KNOWN = [f"(Crowd{n} & Herd{n} 2001)" for n in range(20)]
MISSING = [f"(Absent{n} & Lost{n} 2002)" for n in range(20)]


def resolution(others: list[str], text: str = "Mice are studied (Li et al. 2013).") -> type:
    """Return how the first citation of a page that cites `others`, too, is resolved."""
    return type(cited("\n\n".join([text, *others]), LIBRARY)[0].resolution)


def test_the_other_works_of_a_page_say_whether_a_namesake_may_be_meant() -> None:
    assert resolution(KNOWN) is not Missing
    assert resolution(MISSING) is Missing
    # a co-author settles it, whatever is missing
    assert resolution(MISSING, "Mice are studied (Li, Xu, and Hu 2013).") is Found


def test_the_more_works_are_missing_the_less_certain_is_a_namesake() -> None:
    order = [Found, Ambiguous, Missing]
    text = "Cells in the marrow of adult mice (Li et al. 2013)."
    found = [order.index(resolution([*KNOWN[number:], *MISSING[:number]], text)) for number in range(0, 21, 4)]
    assert found == sorted(found)
    assert found[0] == 0


def test_works_by_authors_of_many_and_doubtful_names_say_nothing_about_the_others() -> None:
    many = [f"(Li {year})" for year in range(1950, 1970)]
    assert [resolution(many), resolution([])] == [resolution([])] * 2


TITLES = {
    "one": "Soil moisture of upland pastures",
    "two": "Soil erosion under upland pastures",
    "far": "Spectra of distant galaxies",
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # nothing about any of them: all may be meant
        ("It is so", "far one two"),
        # two are alike, the third is about something else
        ("Upland pastures and their soil, upland soil, pastures", "one two"),
        # one is likelier than the others together: perhaps meant
        ("Soil moisture of uplands, and more on soil, where moisture is", "one"),
    ],
)
def test_only_likely_namesakes_may_be_meant(text: str, wanted: str) -> None:
    works = [source(key, f"Wang, {key.title()}; Xu{key}, B; Hu, Q", "2015", title) for key, title in TITLES.items()]
    found = cited(f"{text} (Wang et al. 2015).", Bibliography([*CROWD[:400], *works]))[0]
    assert isinstance(found.resolution, Ambiguous)
    assert keys(found) == wanted
    lost = {key for key, why in found.losers if "less" in why}
    assert lost == set(TITLES) - set(wanted.split())
