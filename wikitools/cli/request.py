"""The request of a command that reads a wiki, and the options that set it."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import field, fields, replace
from typing import Any

from wikitools.cli import options
from wikitools.cli.terminal import choose_colour, fail
from wikitools.records import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """The options on the command line that many commands share."""

    paths: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    isolated: bool = False
    follow_links: bool = False
    """Whether symbolic links out of the repository are followed."""
    jobs: int | None = None
    quiet: bool = False
    verbose: bool = False
    progress: bool = True
    index: str = "auto"
    """Which files make up the wiki: `git` or `disk`; `auto` for git's in a hook."""
    staged: bool = False
    """Whether the wiki is read as it is staged."""
    cache: bool = True
    cache_dir: str | None = None
    """The folder of the cache; `None` for the user's cache folder."""
    executor: str = ""
    """The cluster that reads the pages; "" for this machine."""
    stands_in: str = ""
    """A page whose text comes from standard input; it may not be saved yet."""
    force_exclude: bool = False
    """Whether PATHS that are left out of the wiki are ignored silently."""
    summarises: bool = False
    """Whether the command ends with a summary, which says what was not followed."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Settings given as options, by their key; `None` for those not given."""

    def on(self, paths: list[str] | None, **options: object) -> "Request":
        """Return the request with these PATHS and further settings (`fail_on` for the key `fail-on`)."""
        if "" in (paths or ()):
            # An unset variable in a script must not mean the whole wiki.
            fail('"" is no path', "leave it out to name the whole wiki")
        given = {key.replace("_", "-"): value for key, value in options.items()}
        return replace(self, paths=tuple(paths or ()), options={**self.options, **given})


def reads_wiki(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all commands share that read a wiki.

    `command` takes a `Request` as its first parameter. Typer sees the shared options instead of that parameter, and
    those of `Reporting` instead of a parameter with this type.
    """

    def with_request(
        *,
        exclude: options.Exclude = None,
        index: options.Index = "auto",
        quiet: options.Quiet = False,
        verbose: options.Verbose = False,
        color: options.Color = "auto",
        no_progress: options.NoProgress = False,
        config: options.Config = None,
        isolated: options.Isolated = False,
        follow_links: options.FollowLinks = False,
        jobs: options.Jobs = None,
        no_cache: options.NoCache = False,
        cache_dir: options.CacheDir = None,
        **own: Any,
    ) -> None:
        choose_colour(color)
        asked = Request(
            config=tuple(config or ()),
            isolated=isolated,
            follow_links=follow_links,
            jobs=jobs,
            quiet=quiet,
            verbose=verbose,
            progress=not (no_progress or quiet),
            index=index,
            cache=not no_cache,
            cache_dir=cache_dir,
            options={"exclude": exclude},
        )
        for name in grouped:
            own[name] = options.Reporting(**{each.name: own.pop(each.name) for each in fields(options.Reporting)})
        command(asked, **own)

    *shared, _own = inspect.signature(with_request).parameters.values()
    _asked, *own = inspect.signature(command).parameters.values()
    grouped = [each.name for each in own if each.annotation is options.Reporting]
    single = [part for each in own for part in (_reporting() if each.name in grouped else (each,))]
    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (*single, *shared)]
    functools.update_wrapper(with_request, command)
    # Typer reads both; so far the wrapper has those of the command, with `asked` among them.
    with_request.__annotations__ = {each.name: each.annotation for each in parameters}
    with_request.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # PEP 362
    del with_request.__wrapped__  # type: ignore[attr-defined]  # typing.get_type_hints would follow it
    return with_request


def _reporting() -> list[inspect.Parameter]:
    """Return the options of `Reporting` as parameters."""
    kind = inspect.Parameter.KEYWORD_ONLY
    found = fields(options.Reporting)
    return [inspect.Parameter(each.name, kind, default=each.default, annotation=each.type) for each in found]
