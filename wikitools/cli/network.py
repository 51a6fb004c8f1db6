"""What commands with network access share: whom they ask, what they report, and what is remembered."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, TypeVar

from wikitools import files
from wikitools.cli.terminal import fail, note, warn
from wikitools.project.prepare import cache_folder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wikitools.cli.request import Request
    from wikitools.config import Settings
    from wikitools.web.memory import Memory
    from wikitools.web.session import Web

Brought = TypeVar("Brought")

SERVICES, ALLOWED, CONTACT = "WIKITOOLS_WEB_SERVICES", "WIKITOOLS_WEB_ALLOW_HOSTS", "WIKITOOLS_CONTACT"
"""Other addresses of services; hosts that may lie inside of your network; your mail address for the services.

Variables, and no keys of a file: whoever writes to the wiki must not decide whom your machine contacts.
"""
KEYS: Mapping[str, str] = {
    "openalex": "WIKITOOLS_OPENALEX_KEY",
    "pubmed": "WIKITOOLS_PUBMED_KEY",
    "semanticscholar": "WIKITOOLS_SEMANTIC_SCHOLAR_KEY",
}
"""The variables that hold keys of services."""


def ask_web(
    asked: Request, settings: Settings, question: Callable[[Web], Awaitable[Brought]], *, offline: bool, insist: bool
) -> Brought:
    """Return what a question to the services brings; what was learned is kept, also when the run is interrupted.

    `insist`: what got no answer last time is asked again at once.
    """
    from wikitools.web.client import Client
    from wikitools.web.services import ServicesError, host_of, paces_of, services_at
    from wikitools.web.session import Web

    environment = os.environ
    try:
        services = services_at(environment.get(SERVICES, ""))
    except ServicesError as error:
        fail(f"{SERVICES}: {error}")
    # Who names another address for a service means it, wherever it is.
    named = [host_of(each) for each in services.values() if each.base in environment.get(SERVICES, "")]
    memory = _memory(asked, settings)

    async def run() -> Brought:
        async with Client(
            paces=paces_of(services),
            allowed=(*named, *environment.get(ALLOWED, "").replace(",", " ").split()),
            closed=memory.closed(),
            paused=memory.paused(),
            say=(lambda line: note(f"web: {line}")) if asked.verbose else None,
        ) as client:
            keys = {name: value for name, variable in KEYS.items() if (value := environment.get(variable, ""))}
            web = Web(client, memory, services, environment.get(CONTACT, ""), keys, offline=offline, insist=insist)
            try:
                return await question(web)
            finally:
                web.save()

    try:
        return asyncio.run(run())
    finally:
        memory.close()


def _memory(asked: Request, settings: Settings) -> Memory:
    """Return what is remembered of the web; nothing of other runs with `--no-cache`."""
    from wikitools.web.memory import Memory, open_memory

    if not asked.cache:
        return Memory()
    complaint = warn if not asked.quiet else _to_nobody
    try:
        folder = cache_folder(asked.cache_dir)
    except files.FileError as error:
        complaint(f"memory of the web not used: {error}")
        return Memory()
    return open_memory(folder, os.fspath(settings.root), note if asked.verbose else _to_nobody, complaint)


def _to_nobody(_message: str) -> None:
    """Say nothing."""
