"""Which sources the names and the year of a citation fit, and which names are somebody else's."""

from __future__ import annotations

import pytest
from small_library import cited, keys, source

from wikitools.sources.source import Bibliography
from wikitools.wiki.resolution import Ambiguous, Missing

SOURCES = (
    source("tides", "Orwin, Jane; Tarn, Kate", "2001", "Of Tides"),
    source("reefs", "Orwin, Jane; Quell, Karl; Tarn, Kate", "2001", "Of Reefs"),
    source("alone", "Orwin, Jane", "2001", "Alone"),
    source("particles", "van der Tarn, Jane; de Quell, Ann", "2001", "Particles"),
    source("umlauts", "Müller, Jörg; Özil, Ann", "2001", "Umlauts"),
    source("who", "{World Health Organization}", "2001", "Health"),
    source("kant", "Kant, Immanuel", "1998 1781", "Kritik"),
    source("undated", "Chen, Xia", "", "Undated"),
    source("appeared", "Fay, Al", "2003", "Appeared"),
    source("penneys", "Penneys, N; Judd, W", "2001", "Two"),
    source("judd", "Judd, W", "2001", "One"),
    source("kong", "Li, Kong", "2001", "Kong"),
    source("diao", "Diao, A; Haru, B; Jiang, C", "2001", "Diao"),
    source("law", "Posner, Eric A.", "1999", "Law"),
    source("first", "Smith, Ann; Poe, Bo", "2004", "First"),
    source("second", "Smith, Ann; Roe, Cy", "2004", "Second"),
    source("third", "Smith, Ann", "2005", "Third", suffix="b"),
)
FITS = {
    # Another name that is joined to the author's
    "(Penneys and Judd 2001)": ("Penneys and Judd 2001", "penneys"),
    "(Penny and Judd 2001)": ("Penny and Judd 2001", ""),
    "The Penny & Judd 2001": ("Penny & Judd 2001", ""),
    "in Texas, and Judd (2001)": ("Judd (2001)", "judd"),
    "(Some Judd 2001)": ("Judd 2001", "judd"),
    "However Judd (2001)": ("Judd (2001)", "judd"),
    "(& Orwin 2001)": ("Orwin 2001", "alone"),
    "(Machine Learning, Orwin & Tarn 2001)": ("Machine Learning, Orwin & Tarn 2001", ""),
    "(He, Orwin & Tarn 2001)": ("Orwin & Tarn 2001", "perhaps tides"),
    "Building on Orwin (2001) it is known.": ("Orwin (2001)", "alone"),
    # Given names
    "(Kong Li 2001)": ("Kong Li 2001", "kong"),
    "(K. Li 2001)": ("K. Li 2001", "kong"),
    "(L. Li 2001)": ("L. Li 2001", ""),
    "Kong Li et al. (2001)": ("Kong Li et al. (2001)", ""),
    "(J. Orwin & K. Tarn 2001)": ("J. Orwin & K. Tarn 2001", "tides"),
    "(K. Orwin & K. Tarn 2001)": ("K. Orwin & K. Tarn 2001", ""),
    "(Jane Orwin 2001)": ("Jane Orwin 2001", "alone"),
    "Seen by Jane Orwin and Kate Tarn (2001).": ("Jane Orwin and Kate Tarn (2001)", "tides"),
    # Who is left out, added or in another place
    "(Diao, Haru & Jiang 2001)": ("Diao, Haru & Jiang 2001", "diao"),
    "(Diao, Haru, Jiang 2001)": ("Diao, Haru, Jiang 2001", "diao"),
    "(Diao et al. 2001)": ("Diao et al. 2001", "diao"),
    "(Diao and Jiang 2001)": ("Diao and Jiang 2001", ""),
    "(Haru & Jiang 2001)": ("Haru & Jiang 2001", ""),
    "(Pim, Haru & Jiang 2001)": ("Pim, Haru & Jiang 2001", ""),
    "(Orwin, Tarn 2001)": ("Orwin, Tarn 2001", "tides"),
    "(Orwin/Tarn 2001)": ("Orwin/Tarn 2001", "tides"),
    "(Orwin-Tarn 2001)": ("Orwin-Tarn 2001", "tides"),
    "(Tarn & Orwin 2001)": ("Tarn & Orwin 2001", ""),
    "(Orwin, Quell 2001)": ("Orwin, Quell 2001", "reefs"),
    "(Orwin, Quell et al. 2001)": ("Orwin, Quell et al. 2001", "reefs"),
    "(Orwin, Tarn & Quell 2001)": ("Orwin, Tarn & Quell 2001", ""),
    "(Orwin, Quell, Pim & Tarn 2001)": ("Orwin, Quell, Pim & Tarn 2001", ""),
    "(Orwin & Pim 2001)": ("Orwin & Pim 2001", ""),
    # Particles, umlauts, organisations
    "(Tarn 2001)": ("Tarn 2001", "particles"),
    "(van der Tarn 2001)": ("van der Tarn 2001", "particles"),
    "(der Tarn 2001)": ("der Tarn 2001", "particles"),
    "so van der Tarn and de Quell (2001)": ("van der Tarn and de Quell (2001)", "particles"),
    "(Tarn & Quell 2001)": ("Tarn & Quell 2001", "particles"),
    "(Mueller & Oezil 2001)": ("Mueller & Oezil 2001", "umlauts"),
    "(Müller and Özil 2001)": ("Müller and Özil 2001", "umlauts"),
    "(Özil 2001)": ("Özil 2001", ""),
    "(WHO 2001)": ("WHO 2001", "who"),
    "(Health Organization 2001)": ("Health Organization 2001", ""),
    "(the World Health Organization 2001)": ("World Health Organization 2001", "who"),
    # Other dates; a work that was in press may have come out since
    "(Kant 1781/1998)": ("Kant 1781/1998", "kant"),
    "(Kant 1781)": ("Kant 1781", "kant"),
    "(Kant 1781/1999)": ("Kant 1781/1999", "kant"),
    "(Chen n.d.)": ("Chen n.d.", "undated"),
    "(Chen, in press)": ("Chen, in press", "undated"),
    "(Chen 2001)": ("Chen 2001", ""),
    "(Fay n.d.)": ("Fay n.d.", ""),
    "(Fay, in press)": ("Fay, in press", "perhaps appeared"),
    "(Fay, forthcoming)": ("Fay, forthcoming", "perhaps appeared"),
    "(Orwin, n.d.)": ("Orwin, n.d.", ""),
    "(Orwin, in press)": ("Orwin, in press", "perhaps alone"),
}


@pytest.mark.parametrize("text", FITS)
def test_which_source_names_and_year_fit(text: str) -> None:
    (found,) = cited(text, Bibliography(SOURCES))
    span = found.citation.span
    perhaps = "perhaps " if isinstance(found.resolution, Ambiguous) else ""
    assert (text[span.start : span.end], perhaps + keys(found)) == FITS[text]


MISSED = {
    "(Eric A. Posner 1998)": ("year-differs", ("Posner 1999",), {"law": "its year is 1999"}),
    "(Eric Posner 1998)": ("year-differs", ("Posner 1999",), {"law": "its year is 1999"}),
    "(Penny and Judd 2001)": ("no-such-author", (), {}),
    "(L. Li 2001)": ("coauthors-differ", ("Li 2001",), {"kong": "other authors"}),
    "(Orwin, n.d.)": (
        "year-differs",
        ("Orwin 2001", "Orwin et al. 2001", "Orwin & Tarn 2001"),
        {"alone": "its year is 2001", "reefs": "its year is 2001", "tides": "its year is 2001"},
    ),
    "(Orwin 2002)": (
        "year-differs",
        ("Orwin 2001", "Orwin et al. 2001", "Orwin & Tarn 2001"),
        {"alone": "its year is 2001", "reefs": "its year is 2001", "tides": "its year is 2001"},
    ),
    "(Özil 2001)": ("coauthors-differ", ("Müller & Özil 2001",), {"umlauts": "Özil is its second author"}),
    "Kong Li et al. (2001)": ("coauthors-differ", ("Li 2001",), {"kong": "other authors"}),
    "(Lee 2001)": ("no-such-author", (), {}),
    "(Orwin & Pim 2001)": (
        "coauthors-differ",
        ("Orwin 2001", "Orwin et al. 2001", "Orwin & Tarn 2001"),
        {"alone": "other authors", "reefs": "other authors", "tides": "other authors"},
    ),
    "(Smithe 2004)": ("name-differs", ("Smith & Poe 2004",), {}),
    "(Smith 2006)": (
        "year-differs",
        ("Smith 2005b", "Smith & Poe 2004", "Smith & Roe 2004"),
        {"third": "its year is 2005", "first": "its year is 2004", "second": "its year is 2004"},
    ),
    "(Smith 2003)": (
        "year-differs",
        ("Smith & Poe 2004", "Smith & Roe 2004", "Smith 2005b"),
        {"first": "its year is 2004", "second": "its year is 2004", "third": "its year is 2005"},
    ),
    "(Smith & Poe 2005)": ("year-differs", ("Smith & Poe 2004",), {"first": "its year is 2004"}),
    "(Tarn & Orwin 2001)": ("coauthors-differ", ("van der Tarn & de Quell 2001",), {"particles": "other authors"}),
    "[@tide]": ("no-such-key", (), {}),
}
"""Why a citation fits no source, what may be meant, and which sources are told beside it, each with a reason."""


@pytest.mark.parametrize("text", MISSED)
def test_what_is_told_where_no_source_fits(text: str) -> None:
    (found,) = cited(text, Bibliography(SOURCES))
    assert isinstance(found.resolution, Missing)
    assert (found.resolution.why, found.resolution.near, dict(found.losers)) == MISSED[text]
