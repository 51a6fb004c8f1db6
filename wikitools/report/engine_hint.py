"""The first sentence of a report if another engine would suit the wiki's links better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wikitools.wiki.engine_fit import Misfit


def render(misfit: Misfit) -> str:
    """Return the sentence, as a paragraph of its own."""
    sample = f" (a sample of {misfit.all_links:,})" if misfit.links < misfit.all_links else ""
    return (
        f'{misfit.broken:,} of {misfit.links:,} {misfit.kind}{sample} are broken under the engine "{misfit.engine}", '
        f'{misfit.better_broken:,} under "{misfit.better}": '
        f'if the wiki is made for that one, set engine = "{misfit.better}" in the configuration\n\n'
    )


def as_data(misfit: Misfit | None) -> dict[str, Any] | None:
    """Return the same as plain data; `None` if the engine fits."""
    if misfit is None:
        return None
    return {
        "engine": misfit.engine,
        "broken": misfit.broken,
        "better": misfit.better,
        "better_broken": misfit.better_broken,
        "links": misfit.links,
        "kind": misfit.kind,
        "all_links": misfit.all_links,
    }
