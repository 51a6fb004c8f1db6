"""What the text around an author list says about it: whether people or something else stands before the year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from wikitools.cite.lookalikes import (
    IN_WORD,
    ends_link,
    explains,
    is_among_others,
    is_journal,
    is_place,
    is_product,
    is_species,
    prints_places,
)
from wikitools.cite.reference_form import leads_to_title, opens_reference
from wikitools.cite.tokens import REST, SMALL, WORD, Piece, is_family, is_initials
from wikitools.sources.names import PARTICLES, SUFFIXES, is_cjk
from wikitools.sources.vocabulary import (
    BEFORE_AUTHORS,
    BODIES,
    NOT_AUTHORS,
    PLACES,
    PUBLISHERS,
    SAYING,
    SENTENCE_WORDS,
)
from wikitools.text import places_of

if TYPE_CHECKING:
    from wikitools.cite.author_list import Shape
    from wikitools.cite.dates import Date
    from wikitools.sources.source import Bibliography


YES, LIKELY, PERHAPS, NO = "yes", "likely", "perhaps", "no"
"""How much names and a date look like a citation. Other citations on the page decide in between: for `LIKELY` it is
enough that the page usually cites in this form, for `PERHAPS` they must name the same authors or share its bracket."""


_MOST_OF_A_NAME = 3
_MOST_IN_A_NAME, _MOST_WORDS, _MOST_IN_A_BODY = 2, 4, 8
_FEWEST_WORDS = 2
"""Of an organisation's name."""
_SMALL_WORD = re.compile(r"[^\W\d_A-Z]+(?:-[^\W\d_A-Z]+)?")
_BESIDE, _ENDING = re.compile(r"[\w/.-]"), re.compile(r"s?(?![\w/-])")
"""What keeps letters after it from being a word, and how a word ends in the singular or plural."""


def _has_word(written: str, word: str) -> bool:
    """Say whether a page has a word in lower case, or its plural."""
    return _SMALL_WORD.fullmatch(f"{word}s") is not None and any(
        _ENDING.match(written, at + len(word)) and not (at and _BESIDE.match(written, at - 1))
        for at in places_of(word, written)
    )


@dataclass
class Cues:
    """An author list and the text around it."""

    pieces: list[Piece]
    shape: Shape
    date: Date
    lead: str
    text: str
    written: str
    known: bool
    bibliography: Bibliography

    @cached_property
    def names(self) -> list[Piece]:
        """The pieces of the author list."""
        return self.pieces[self.shape.start : self.shape.end]

    @cached_property
    def capitals(self) -> list[Piece]:
        """Its words with a capital, without initials and particles."""
        return [
            piece
            for piece in self.names
            if piece.kind == WORD
            and len(piece.text) > 1
            and not (self.shape.listed and is_initials(piece))
            and not (piece.folded and (piece.folded[0] in PARTICLES or piece.folded[0] in SUFFIXES))
        ] or [piece for piece in self.names if piece.kind == WORD]

    @property
    def comma(self) -> bool:
        """Whether there is a comma between names and year."""
        return self.shape.end < len(self.pieces) and self.pieces[self.shape.end].kind == ","

    @property
    def fills(self) -> bool:
        """Whether there is nothing before the names in their bracket or item."""
        at = self.shape.start - 1
        if at >= 0 and self.pieces[at].folded == ("the",):
            at -= 1
        if at < 0 or self.pieces[at].kind in "([;":
            return True
        # A comma separates citations, but also a title from its publisher: "(*Customs in Common*, Penguin, 1993)".
        if not self.comma:
            return self.pieces[at].kind == ","
        while at >= 0 and self.pieces[at].kind not in ("(", "[", ";"):
            if self.pieces[at].kind == WORD and len(self.pieces[at].text) > 1:
                return False
            at -= 1
        return self.pieces[self.shape.start - 1].kind == ","

    @property
    def cued(self) -> bool:
        """Whether there is a word before the names that introduces authors: "see", "by", "according to"."""
        at = self.shape.start - 1
        while at >= 0 and self.pieces[at].kind in (",", "."):
            at -= 1
        if at < 0 or not self.pieces[at].folded:
            return False
        word = self.pieces[at].folded[0]
        if word in _BEFORE_IN_BRACKETS:
            return self.lead == "bracket" or word in ("e", "g", "eg", "ie")
        return word in BEFORE_AUTHORS or (word == "to" and at > 0 and self.pieces[at - 1].text.lower() in _TO)

    def is_person(self) -> bool:
        """Say whether the names have the shape of names of people in the Latin script or its like."""
        return all(is_family(piece.text) for piece in self.capitals)

    def is_titled(self) -> bool:
        """Say whether there are marks of a title between the names and the date."""
        return _has_title_marks(self.written, self.names[0].start, self.date.start)

    def is_life(self) -> bool:
        """Say whether the year is somebody's year of birth: "Harrison (1944-)"."""
        return _GOES_ON.match(self.text, self.date.end) is not None

    def is_old_work(self) -> bool:
        """Say whether people and an early year are a citation by their form: neither a title nor somebody's life.

        "Labidura riparia (Pallas 1773)" is a species and who described it, "Leandra Cogn. (1886)" a genus.
        """
        at, room = self.shape.end, len(self.shape.spans)
        stopped = at < len(self.pieces) and self.pieces[at].kind == "."
        if stopped or self.is_body() or self.among(PLACES) or len(self.capitals) % room or self.are_words():
            return False
        if self.lead == "narrative":
            return True
        opens_block = not self.text[self.date.block : self.date.opening].strip(" \x01")
        opens = self.shape.start == 0 or self.pieces[self.shape.start - 1].kind in "([;"
        return opens and not opens_block and not is_species(self.pieces, self.shape.start)

    def are_words(self) -> bool:
        """Say whether the page has all of these names as words in lower case too: "Progress and Poverty (1879)"."""
        plural = (piece.text.lower() for piece in self.capitals)
        words = [word.removesuffix("s") if len(word) >= _SHORTEST_PLURAL else word for word in plural]
        return all(_has_word(self.written, word) for word in words)

    def is_published(self) -> str:
        """Say whether the names may be a publisher's: alone with a comma and a year after a title."""
        others = self.date.closing >= 0 and _OTHER_AUTHORS.search(self.text, self.date.end, self.date.closing)
        return _published(self.written, self.date.opening) if self.comma and not others else NO

    def is_behind_title(self) -> bool:
        """Say whether a title and a comma are right before the names: "*The Crash*, Harper & Row, 1973"."""
        start = self.names[0].start
        return self.written[max(0, start - 4) : start].strip("\n ").endswith(",") and (
            _published(self.written, start) != NO
        )

    def is_body(self) -> bool:
        """Say whether the name ends as that of an organisation does: "AI Index Steering Committee"."""
        last = next((piece for piece in reversed(self.names) if piece.folded), None)
        if last is None or len(self.capitals) < _FEWEST_WORDS:
            return False
        inside = (
            self.lead == "bracket"
            and self.fills
            and any(word in BODIES for each in self.capitals for word in each.folded)
        )
        return inside or last.folded[-1] in BODIES

    def among(self, vocabulary: frozenset[str]) -> bool:
        """Say whether any word of the names is in a vocabulary."""
        return any(word in vocabulary for piece in self.capitals for word in piece.folded)

    def several(self) -> str:
        """Judge more than one name."""
        if self.known:
            return YES
        capitals = self.capitals
        if (
            self.is_behind_title()
            or self.among(PUBLISHERS)
            or all(word in PLACES for piece in capitals for word in piece.folded)
        ):
            return NO
        if self.lead == "bracket" and self.shape.start > 0 and self.pieces[self.shape.start - 1].kind == ":":
            return NO  # "(New York: Harper & Row, 1973)"
        room = len(self.shape.spans)
        if self.lead == "bracket" and (self.fills or self.cued):
            if (published := self.is_published()) != NO:
                # "*Who Owns the Future?* (Simon & Schuster, 2013)"
                return NO if published == YES else LIKELY if self.is_person() else PERHAPS
            if self.shape.listed and self.comma and room == _FEWEST_WORDS:
                return LIKELY if self.is_person() and not self.among(PLACES) else NO  # "(Lagos, Abuja, 2014)"
            return YES if len(capitals) <= 2 * room and (self.comma or not self.are_words()) else PERHAPS
        if self._leads_to_title() and self.is_person() and not self.among(NOT_AUTHORS):
            return YES if len(capitals) <= _MOST_OF_A_NAME * room else PERHAPS
        if opens_reference(self.written, self.date, self.names[0].start) and self.is_person():
            return YES if len(capitals) <= _MOST_OF_A_NAME * room and not self.among(NOT_AUTHORS) else PERHAPS
        most = _MOST_OF_A_NAME * room if self.shape.listed else room + 1
        if len(capitals) > most or not self.is_person() or self.are_words():
            return NO
        if self.lead == "bare":
            joined = any(piece.kind == "&" for piece in self.names)
            return NO if len(capitals) > room else YES if joined else LIKELY
        return YES

    def alone(self) -> str:
        """Judge one name: of a person, or of an organisation in a bracket of its own."""
        if self.among(PUBLISHERS):
            return YES if self.known and self.lead != "bare" else NO
        capitals = self.capitals
        if len(capitals) > 1 and capitals[-1].folded and capitals[-1].folded[-1] in NOT_AUTHORS:
            return NO
        place = all(word in PLACES for piece in capitals for word in piece.folded)
        labels = self.shape.end < len(self.pieces) and self.pieces[self.shape.end].kind == ":"  # "Australia: 1955"
        is_where = labels or self._is_where() or self.names[-1].text.endswith("'s")
        if place and (not self.known or is_where or prints_places(self.written)):
            return NO
        if self.lead != "bare" and (self._has_initials_behind_comma() or self._is_inverted_in_reference()):
            return YES
        form = tuple(word for piece in capitals for word in piece.folded)
        journal = not self.is_body() and is_journal(form, self.written, self.bibliography)
        if not self.known and (journal or self.is_behind_title()):
            return NO
        if self.lead == "bracket":
            return self._alone_in_bracket(len(capitals))
        if self.is_body() and self.lead == "narrative":
            return YES if self._ends() else NO
        if self._leads_to_title() and not self.among(NOT_AUTHORS) and not self.are_words():
            named = self.is_person() or (len(capitals) == 1 and capitals[0].text.isupper())
            if named and len(capitals) <= _MOST_OF_A_NAME and not self._has_small_words():
                return YES
        if len(capitals) > _MOST_WORDS or any(is_cjk(piece.text) for piece in capitals):
            return NO
        if self.lead == "bare":
            if len(capitals) > 1 or not self.is_person():
                return NO
            return PERHAPS if self.are_words() or self._is_known_place() else LIKELY  # "Budget 2025"
        if self.known or self._says() or (len(capitals) == 1 and self.is_person() and self._is_who()):
            return YES
        if self.cued and (len(capitals) == 1 or self.is_person()) and not self._has_small_words():
            return PERHAPS if _ROMAN.match(capitals[0].text) else YES
        if not self._ends():
            return NO
        if (
            MORE_OF_IT.match(self.text, self.date.end)
            and len(capitals) == 1
            and self.is_person()
            and not self.are_words()
        ):
            return YES
        if self.date.suffix or self.names[-1].text.endswith(("'s", "'S")):
            return YES if self.is_person() and not self._is_known_place() else PERHAPS
        if len(capitals) == 1:
            return LIKELY if self._is_likely_author(capitals[0].text) else PERHAPS
        return PERHAPS if len(capitals) == _MOST_IN_A_NAME and self.is_person() and not self.are_words() else NO

    def are_authors_of_title(self) -> bool:
        """Say whether the names before a title are people's: full names, several, or one that opens its sentence."""
        capitals = self.capitals
        if not self.is_person() or self.are_words() or self._is_where() or self._is_case():
            return False
        if self.among(NOT_AUTHORS | PUBLISHERS) or all(word in PLACES for each in capitals for word in each.folded):
            return False
        room = len(self.shape.spans)
        if len(capitals) > _MOST_OF_A_NAME * room or self._has_small_words():
            return False
        at = self.shape.start
        opens = at == 0 or self.pieces[at - 1].kind in _OPENING
        return room > 1 or len(capitals) > 1 or opens or self.cued

    def _has_initials_behind_comma(self) -> bool:
        """Say whether a family name stands first, as in references: "Roe, J. (2012)"."""
        following = pairwise(self.names)
        return self.is_person() and any(
            comma.kind == "," and initial.kind == WORD and len(initial.text) == 1 for comma, initial in following
        )

    def _is_inverted_in_reference(self) -> bool:
        """Say whether a family name stands first in an item of a list: "- Roe, Ann (2012). On kelp"."""
        if [piece.kind for piece in self.names].count(",") != 1 or len(self.capitals) > _MOST_OF_A_NAME:
            return False
        is_reference = opens_reference(self.written, self.date, self.names[0].start)
        return is_reference and self.is_person() and not self.among(PLACES | NOT_AUTHORS)

    def _alone_in_bracket(self, count: int) -> str:
        # The letters of a known organisation may be a term's beside other words: "(domain randomisation DR, 2017)".
        if self.known and (self.fills or self.cued or self.is_person()):
            return YES
        if any(is_cjk(piece.text) for piece in self.capitals) or _AUTHORS_END.search(
            self.text, max(0, self.date.opening - _LONGEST_END), self.date.opening
        ):
            return NO  # "Mensink et al. (AJCN, 2003)": where it appeared
        if not self.fills and not self.cued:
            if count > 1 or not self.is_person() or self.are_words():
                return NO
            if not self.comma:
                return PERHAPS  # "(in line with the Orr 2024 result)"
            return LIKELY if self._is_joined() else NO  # "(reviewed in Orr, 2024)"
        if not self.comma and self._is_where_it_appeared(count):
            return NO
        if not self.is_body() and explains(self.capitals[0].text, self.text, self.date.opening):
            return NO
        if not self.comma and self.names[-1].text.endswith("'s") and not self._ends():
            return PERHAPS if count == 1 else NO  # "Ann Orr's 1971 move"
        if (published := self.is_published()) != NO:
            return (
                NO if published == YES else PERHAPS
            )  # who published it: *The Power in the Land* (Shepheard-Walwyn, 1983)
        if self.comma:
            if self.is_person():
                if count > 1 and not self.is_body() and (self.are_words() or not self._ends()):
                    return PERHAPS
                return YES if count <= _MOST_IN_A_BODY else NO
            return YES if count <= _MOST_IN_A_BODY and self._ends() else PERHAPS
        if self.is_body():
            return YES
        if self._is_known_place():
            return PERHAPS  # "(Utrecht 1913)"
        if count > _MOST_WORDS or (count > 1 and self._has_small_words()):
            return NO
        if count > _MOST_IN_A_NAME or self.are_words() or is_among_others(self.text, self.date):
            return PERHAPS
        if self.is_person():
            return PERHAPS if count == 1 and is_product(self.capitals[0].text, self.date.year, self.written) else YES
        return LIKELY if count == 1 and self._is_likely_body(self.capitals[0].text) else PERHAPS

    def _is_likely_body(self, name: str) -> bool:
        """Say whether an acronym alone before a year is an organisation that the page talks of: "the WHO", "OpenAI".

        A journal or a meeting is not ("AJES 1961"), nor is a product, whose number is round: "NanoDrop 2000".
        """
        if self.date.year.endswith("000") or not name.isalpha():
            return False
        return any(
            (said := _SAID_OF.match(self.written, at + len(name))) is not None
            and said[1] not in SENTENCE_WORDS
            and not IN_WORD.match(self.written, max(0, at - 1), at)
            for at in places_of(name, self.written)
        )

    def _is_likely_author(self, name: str) -> bool:
        """Say whether one name before a bracketed year is not obviously something else than an author.

        Obvious are words, places ("in Niger", "Lusaka, Niger (2007)"), cases ("Pim v. Orr (1981)") and titles of pages.
        """
        if not self.is_person() or self.are_words() or name[0].islower() or self._is_case():
            return False
        at = self.shape.start
        after_name = at > 1 and self.pieces[at - 1].kind == "," and self.pieces[at - 2].kind == WORD
        if after_name or ends_link(self.written, self.names[0].start, self.date.opening):
            return False
        return not self._is_known_place()

    def _is_known_place(self) -> bool:
        """Say whether the page has the names as a place: "in Lusaka"."""
        printed = self.written[self.names[0].start : self.names[-1].end].removesuffix("'s").removesuffix("’s")
        return is_place(printed, self.written)

    def _is_joined(self) -> bool:
        """Say whether a word that leads to authors inside a bracket is right before the names: "in", "of", "and"."""
        at = self.shape.start - 1
        return at >= 0 and self.pieces[at].folded[:1] in (("in",), ("of",), ("and",), ("by",))

    def _is_case(self) -> bool:
        """Say whether the name is the second party of a court case: "Pim v. Orr (1981)"."""
        at = self.shape.start - 1
        if at > 0 and self.pieces[at].kind == ".":
            at -= 1
        return at >= 0 and self.pieces[at].folded[:1] in (("v",), ("vs",))

    def _is_where(self) -> bool:
        """Say whether a word that leads to places stands before the names, or another name with a comma."""
        at = self.shape.start - 1
        if at < 0:
            return False
        if self.pieces[at].kind == ",":
            return at > 0 and self.pieces[at - 1].kind == WORD
        return self.pieces[at].folded[:1] in (("in",), ("at",), ("of",), ("the",))

    def _is_where_it_appeared(self, count: int) -> bool:
        """Say whether authors and a comma stand before the name: "(Orr et al., Moss Res 2013)"."""
        at = self.shape.start - 2
        if at < 0 or self.pieces[at + 1].kind != ",":
            return False
        return self.pieces[at].kind == REST or (count > 1 and self.pieces[at].kind == WORD)

    def _leads_to_title(self) -> bool:
        return self.lead == "narrative" and leads_to_title(self.written, self.date)

    def _says(self) -> bool:
        """Say whether a verb of saying follows the bracket: "Carlsmith (2023) argues"."""
        if self.date.closing < 0:
            return False
        after = _NEXT_WORD.match(self.text, self.date.closing + 1)
        return after is not None and after[1] in SAYING

    def _is_who(self) -> bool:
        """Say whether a clause about a person follows the bracket: "Wald (1945), who popularized this"."""
        return self.date.closing >= 0 and _WHO.match(self.text, self.date.closing + 1) is not None

    def _ends(self) -> bool:
        """Say whether an item of a bracket ends after the date, or a locator follows, and no Chinese stands before it.

        There an acronym and a year explain a term: "安全控制（CLF，1983）".
        """
        after = self.text[self.date.end : self.date.end + 2].lstrip("\x01 ")[:1]
        before = self.text[max(0, self.date.opening - 1) : self.date.opening]
        return after in _AFTER_ITEM and not is_cjk(before)

    def _has_small_words(self) -> bool:
        """Say whether the names are rather a title: "by Means of Commodities (1960)"."""
        return any(piece.kind == SMALL and piece.folded[:1] == ("of",) for piece in self.names)


_SAID_OF = re.compile(r"['’]s [A-Za-z]| ([a-z]{3,})")
_OPENING = frozenset("([;.:|-")
_BEFORE_IN_BRACKETS = ("from", "as", "via", "e", "g", "eg", "ie", "like")
MORE_OF_IT = re.compile(r"[ \x01]?(?:,[ \x01]*(?:1[89]|20)\d\d[a-h]?(?!\w)|:[ \x01]?\d)")
"""Another year, or a page: "Sullivan (1984, 1985)", "Fan (1992: 33)"."""
_OTHER_AUTHORS = re.compile(r";[^;]*(?:\bal\b|&|\band\b)")
_LONGEST_END = 24
_AUTHORS_END = re.compile(r"(?:\bal\x01?\.?\x01?|\bcolleagues|& [^\W_]+)[ \x01]*\Z")
_WHO = re.compile(r",?[ \x01]{1,3}who\b")
_GOES_ON = re.compile(r"[ \x01]?-[ \x01]*(?:present|now|today|至今)?[,;)\]]")
_AFTER_ITEM = frozenset((")", "]", ";", ",", ":", ".", "&", "-", ""))
_ROMAN = re.compile(r"[IVXLCDM]{2,}\Z")
_TO = ("according", "due", "refer", "refers", "attributed", "back")
_NEXT_WORD = re.compile(
    r",?[ \x01]{1,3}(?:(?:also|first|later|then|has|have|had|who|further|even)[ \x01]{1,3})?([a-z]+)"
)


_TITLE_MARKS = frozenset('*_"“”„«»')
_LONGEST_NAMES = 400
_LONGEST_TITLE = 200


def _has_title_marks(written: str, start: int, end: int) -> bool:
    """Say whether emphasis, quote marks or half a link stand between two places: a title ends with them."""
    printed = written[max(start, end - _LONGEST_NAMES) : end]
    if not _TITLE_MARKS.isdisjoint(printed):
        return True
    link = printed.find("](")
    return link >= 0 and "[" not in written[max(0, start - 3) : start + link]


_TITLE_END = re.compile(
    r"(?:(?<![*\w])([*_]|\*{3})(?P<marked>[^*_]{3,200})(?<!:)\1(?![*_])|\[(?P<linked>[^\[\]\n]{3,200})\]\([^()\n]*\)"
    r"|[“\"](?P<quoted>[^“”\"]{3,200})[”\"])[^\w()*“”\"]{0,24}\Z"
)
_TITLE_CAPITAL = re.compile(r"[A-Z][a-z][\w'’-]+")


_AUTHOR_BEFORE = re.compile(r"(?:[’']s?(?:\s[a-z]+)?|[^\W\d_a-z][^\W\d_]*[.)]?,|\)[,.:]?)\s*[*_\[]{0,3}\Z")


def _published(written: str, end: int) -> str:
    """Say whether a title, told by its marks and capitals, ends before `end`: a publisher may follow.

    It does where the author stands before the title. Quote marks alone say too little.
    """
    window = written[max(0, end - _LONGEST_TITLE) : end].rpartition("\n\n")[2]
    title = _TITLE_END.search(window)
    if title is None:
        return NO
    capitals = len(_TITLE_CAPITAL.findall(title["marked"] or title["linked"] or title["quoted"]))
    if capitals and _AUTHOR_BEFORE.search(window[: title.start()]):
        return YES
    return NO if capitals < _FEWEST_CAPITALS or title["quoted"] else PERHAPS


_FEWEST_CAPITALS = 2
_SHORTEST_PLURAL = 8
"""Shorter names that end in s are names of people as often: Fields, Rogers."""
