"""What commands with network access share: which services they ask, what they report, and what they remember."""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING, TypeVar

from wikitools import files
from wikitools.cli.terminal import fail, note, warn
from wikitools.project.prepare import cache_folder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wikitools.cli.request import Request
    from wikitools.config import Settings
    from wikitools.web.asking import Web
    from wikitools.web.memory import Memory

Brought = TypeVar("Brought")

SERVICES, ALLOWED, CONTACT = "WIKITOOLS_WEB_SERVICES", "WIKITOOLS_WEB_ALLOW_HOSTS", "WIKITOOLS_CONTACT"
"""Other addresses of services; hosts that may be inside of your network; your mail address for the services.

These are variables, not keys of a file: whoever writes to the wiki must not decide which hosts your machine contacts.
"""
HEADERS = "WIKITOOLS_WEB_HEADERS"
"""Headers for single hosts, a line each: `docs.example.org Authorization: Bearer …`."""
KEYS: Mapping[str, str] = {
    "openalex": "WIKITOOLS_OPENALEX_KEY",
    "pubmed": "WIKITOOLS_PUBMED_KEY",
    "semanticscholar": "WIKITOOLS_SEMANTIC_SCHOLAR_KEY",
}
"""The variables with API keys of services."""


def ask_web(
    asked: Request, settings: Settings, question: Callable[[Web], Awaitable[Brought]], *, offline: bool, insist: bool
) -> Brought:
    """Return the answer to a question to the services; all answers are remembered, even if the run is interrupted.

    With `insist`, questions that got no answer last time are asked again at once.
    """
    from wikitools.web.asking import Web
    from wikitools.web.client import Client
    from wikitools.web.pace import Pace
    from wikitools.web.services import ServicesError, host_of, paces_of, services_at

    environment = os.environ
    try:
        services = services_at(environment.get(SERVICES, ""))
    except ServicesError as error:
        fail(f"{SERVICES}: {error}")
    # If the user gives another address for a service, it may be anywhere.
    named = [host_of(each) for each in services.values() if each.base in environment.get(SERVICES, "")]
    paces = paces_of(services)
    slowest = min(settings.web.interval, _SLOWEST)
    if slowest > 0:
        paces = {host: Pace(max(each.interval, slowest), max(each.fastest, slowest)) for host, each in paces.items()}
    memory = open_web_memory(asked, settings)

    async def run() -> Brought:
        async with Client(
            paces=paces,
            pace=Pace(slowest, slowest) if slowest > 0 else None,
            headers=_headers(environment.get(HEADERS, "")),
            allowed=(*named, *environment.get(ALLOWED, "").replace(",", " ").split()),
            closed=memory.closed(),
            paused=memory.paused(),
            say=(lambda line: note(f"web: {line}")) if asked.verbose else None,
        ) as client:
            keys = {name: value for name, variable in KEYS.items() if (value := environment.get(variable, ""))}
            web = Web(
                client,
                memory,
                services,
                environment.get(CONTACT, "") or settings.web.contact,
                keys,
                offline=offline,
                insist=insist,
            )
            try:
                return await question(web)
            finally:
                web.save()

    try:
        return asyncio.run(run())
    finally:
        memory.close()


_SLOWEST = 60
"""Seconds between two requests that a file may ask for."""
_HEADER = re.compile(r"(?P<host>[\w.:-]+)\s+(?P<name>[\w-]+):\s*(?P<value>\S.*)", re.ASCII)


def _headers(written: str) -> dict[str, dict[str, str]]:
    """Return the headers of each host that a variable names. What is wrong with a line is said without its value."""
    found: dict[str, dict[str, str]] = {}
    for number, line in enumerate(filter(None, map(str.strip, written.splitlines())), 1):
        match = _HEADER.fullmatch(line)
        if match is None or not match["value"].isprintable() or not match["value"].isascii():
            fail(f"{HEADERS}: line {number} is not like: docs.example.org Authorization: Bearer TOKEN")
        found.setdefault(match["host"].lower(), {})[match["name"].lower()] = match["value"]
    return found


_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h)?")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(option: str | None, settings: Settings) -> float | None:
    """Return how many seconds a command may take: as its option says, else the configuration; `None` for no limit."""
    written = option if option is not None else settings.web.max_time
    if not written and option is None:
        return None
    match = _TIME.fullmatch(written.strip().lower())
    if match is None:
        name = "--max-time" if option is not None else "[web] max-time"
        fail(f"{name} {written}: write a time such as 90s, 10m or 1h")
    return float(match[1]) * _UNITS[match[2] or "s"]


def open_web_memory(asked: Request, settings: Settings) -> Memory:
    """Return the remembered answers from the web; with `--no-cache` none from other runs."""
    from wikitools.web.memory import Memory, open_memory

    if not asked.cache:
        return Memory()
    complaint = warn if not asked.quiet else _to_nobody
    try:
        folder = cache_folder(asked.cache_dir)
    except files.FileError as error:
        complaint(f"remembered answers from the web are not used: {error}")
        return Memory()
    memory = open_memory(folder, os.fspath(settings.root), note if asked.verbose else _to_nobody, complaint)
    memory.days = max(1, settings.web.days)
    return memory


def _to_nobody(_message: str) -> None:
    """Say nothing."""
