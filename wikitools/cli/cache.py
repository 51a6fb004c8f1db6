"""`wikitools cache`: shows where the cache is, and deletes it."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import TYPE_CHECKING, Annotated

import typer

from wikitools.cli import options
from wikitools.cli.help import GroupedCommand
from wikitools.cli.request import Request
from wikitools.cli.startup import find_settings, or_fail
from wikitools.cli.terminal import write
from wikitools.project.prepare import cache_folder

if TYPE_CHECKING:
    from wikitools.config import Settings

cache = typer.Typer(
    name="cache",
    help="Show or delete what wikitools remembers about the pages. The cache is safe to delete at any time.",
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
    """Print the folder of the cache, even if it does not exist."""
    _settings, folder = _asked(wiki, config, isolated=isolated, cache_dir=cache_dir)
    write(f"{folder}\n")


@cache.command(name="clean", cls=GroupedCommand)
def clean(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    wiki: Root = None,
    every: Annotated[bool, typer.Option("--all", help="Delete the caches of other wikis too.")] = False,
    web: Annotated[
        bool,
        typer.Option("--web", help="Delete the answers from the web instead, which all wikis share."),
    ] = False,
    config: options.Config = None,
    isolated: options.Isolated = False,
    cache_dir: options.CacheDir = None,
    quiet: options.Quiet = False,
) -> None:
    """Delete the cache of the wiki. Files that wikitools did not create stay."""
    from wikitools.files import cache_folder
    from wikitools.project import cache as store

    settings, folder = _asked(wiki, config, isolated=isolated, cache_dir=cache_dir)
    if web:
        size = or_fail(lambda: cache_folder.forget(folder, settings.root))
        if not quiet:
            said = f"Deleted {size / 1_000_000:.1f} MB of answers" if size else "There were no answers from the web"
            write(f"{said} in {folder}.\n")
        return
    key = None if every else store.wiki_key(settings.root)
    count, size = or_fail(lambda: cache_folder.clean(folder, settings.root, key))
    if not quiet:
        what = f"Deleted {size / 1_000_000:.1f} MB" if count else "There was no cache"
        of = " of all wikis" if every else " of this wiki"
        write(f"{what}{of} in {folder}.\n")


def _asked(
    wiki: str | None, config: list[str] | None, *, isolated: bool, cache_dir: str | None
) -> "tuple[Settings, str]":
    """Return the settings of the wiki and the folder of its cache; ends the run with exit code 2 without them."""
    paths = () if wiki is None else (wiki,)
    request = Request(paths=paths, config=tuple(config or ()), isolated=isolated, cache_dir=cache_dir)
    # Looked up even if the cache folder is given: a wiki that does not exist is a mistake in the call.
    return find_settings(request), or_fail(lambda: cache_folder(request.cache_dir))
