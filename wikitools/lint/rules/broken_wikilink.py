"""The rule broken-wikilink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.dead_links import dead_wikilink
from wikitools.lint.rule import Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.lint.rule import Finding
    from wikitools.markdown.page import Wikilink


@rule(group="links", severity=Severity.ERROR, since="0.1.0", passes_plain_links=True, told_once=5)
def broken_wikilink(link: Wikilink, facts: Facts) -> Iterator[Finding]:
    """A wikilink leads to a page that does not exist.

    The reader clicks and lands nowhere, or on an empty new page. Usually the page was renamed or moved, the name was
    typed from memory, or the link uses an alias or title where the wiki's engine goes by file names. The message says
    which. Placeholders such as `[[...]]` and `[[<slug>]]` are left alone.

    ```wiki
    -- index.md --
    Ask [[Alan Turng]] about it.
        ^^^^^^^^^^^^^^ no page is named "Alan Turng"; did you mean "Alan Turing"?
    -- Alan Turing.md --
    He knew.
    -- index.md, fixed unsafely --
    Ask [[Alan Turing]] about it.
    ```

    Only what is certain is repaired by itself. A page that is also called so counts as certain when its alias stands
    in the link to the letter and has two words or more, parted by blanks, or when the link's label names the page. A
    single word or an acronym has many meanings, and `latent-knowledge` asks for a file of that name. Nothing is certain
    on a line, in a list or under a heading that speaks of missing pages. The alias is kept as the label. Blanks and
    dashes are put right:

    ```wiki
    -- index.md --
    Of [[Latent Knowledge]] or [[ELK]]:
       ^^^^^^^^^^^^^^^^^^^^ no page is named "Latent Knowledge"; it is an alias of "Eliciting latent knowledge"
                               ^^^^^^^ no page is named "ELK"; it is an alias of "Eliciting latent knowledge"
    [[ELK|eliciting latent knowledge]], [[inner-alignment|this]].
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no page is named "ELK"
                                        ^^^^^^^^^^^^^^^^^^^^^^^^ no page is named "inner-alignment"; did you mean
    -- Eliciting latent knowledge.md --
    ---
    aliases: [ELK, Latent Knowledge]
    ---
    What does it know?
    -- Inner alignment.md --
    Yes.
    -- index.md, fixed --
    Of [[Eliciting latent knowledge|Latent Knowledge]] or [[ELK]]:
    [[Eliciting latent knowledge|eliciting latent knowledge]], [[Inner alignment|this]].
    ```

    In a table the bar of the new label is escaped, because a bare one would end the cell:

    ```wiki
    -- index.md --
    | page                 | about   |
    | -------------------- | ------- |
    | [[Latent Knowledge]] | honesty |
      ^^^^^^^^^^^^^^^^^^^^ no page is named "Latent Knowledge"
    -- Eliciting latent knowledge.md --
    ---
    aliases: Latent Knowledge
    ---
    -- index.md, fixed --
    | page                 | about   |
    | -------------------- | ------- |
    | [[Eliciting latent knowledge\\|Latent Knowledge]] | honesty |
    ```

    A page in another folder is certain only where the folder that the link names does not exist: otherwise the link may
    name a page that nobody has written yet. No repair makes a page link to itself.

    ```wiki
    -- theories/tides.md --
    In depth, when written: [[essays/tides]]
                            ^^^^^^^^^^^^^^^^ no page is named "essays/tides"
    and [[essays/waves]].
        ^^^^^^^^^^^^^^^^ there is no "essays/waves"; did you mean "theories/waves"?
    See [[theory/waves]].
        ^^^^^^^^^^^^^^^^ there is no "theory/waves"; did you mean "theories/waves"?
    -- theories/waves.md --
    -- essays/moon.md --
    -- theories/tides.md, fixed --
    In depth, when written: [[essays/tides]]
    and [[essays/waves]].
    See [[theories/waves]].
    ```

    Links that live, and text that is no link:

    ````wiki
    -- notes/index.md --
    ---
    related: "[[Alan Turing]]"
    ---
    [[Alan Turing]], [[alan turing|him]], [[people/Alan Turing#Life]], ![[machine.png|300]], [[#Here]].

    | who |
    | --- |
    | [[Alan Turing\\|him]] |

    ## Here

    `[[Nobody]]`, [[...]] and [[<slug>]]. <!-- [[Nobody]] -->

    ```sh
    if [[ -z $nobody ]]; then echo; fi
    ```
    -- people/Alan Turing.md --
    ## Life
    -- machine.png --
    ````
    """
    # Embeds are the business of broken-embed and missing-image.
    finding = None if link.embed else dead_wikilink(link, facts)
    if finding is not None:
        yield finding
