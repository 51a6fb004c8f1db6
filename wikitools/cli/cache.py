"""`wikitools cache`: where the cache is, and how to be rid of it."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import Annotated

import typer

from wikitools.cli import options
from wikitools.cli.help import GroupedCommand
from wikitools.cli.request import Request
from wikitools.cli.start import find_settings
from wikitools.cli.terminal import fail, write

cache = typer.Typer(
    name="cache",
    help="Where wikitools keeps what it has read, and how to be rid of it. The cache is safe to delete at any time.",
    short_help="Show or delete the cache.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Root = Annotated[
    str | None,
    typer.Argument(metavar="[WIKI]", help="A folder of the wiki. Default: the current one.", show_default=False),
]


@cache.command(name="dir", cls=GroupedCommand)
def show_folder(
    wiki: Root = None,
    config: options.Config = None,
    isolated: options.Isolated = False,
    cache_dir: options.CacheDir = None,
) -> None:
    """Print the folder of the cache, whether it is there or not."""
    write(f"{_folder(wiki, config, isolated=isolated, cache_dir=cache_dir)}\n")


@cache.command(name="clean", cls=GroupedCommand)
def clean(
    wiki: Root = None,
    config: options.Config = None,
    isolated: options.Isolated = False,
    cache_dir: options.CacheDir = None,
    quiet: options.Quiet = False,
) -> None:
    """Delete the cache. What wikitools did not make stays."""
    from wikitools import store

    folder = _folder(wiki, config, isolated=isolated, cache_dir=cache_dir)
    try:
        count, size = store.clean(folder)
    except OSError as error:
        fail(f"{error.filename or folder}: {(error.strerror or str(error)).lower()}")
    if not quiet:
        what = f"Deleted {size / 1_000_000:.1f} MB" if count else "There was no cache"
        write(f"{what} in {folder}.\n")


def _folder(wiki: str | None, config: list[str] | None, *, isolated: bool, cache_dir: str | None) -> str:
    import os

    from wikitools import store

    paths = () if wiki is None else (wiki,)
    # Asked for also where the folder is named: a wiki that is not there is a mistake of whoever called.
    settings = find_settings(Request(paths=paths, config=tuple(config or ()), isolated=isolated))
    return os.path.abspath(cache_dir) if cache_dir else store.default_folder(settings.root)
