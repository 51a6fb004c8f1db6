"""What commands with network access share: which services they ask, what they report, and what they remember."""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from wikitools import files
from wikitools.cli.terminal import fail, note, warn
from wikitools.config.web_settings import VARIABLE
from wikitools.project.prepare import cache_folder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wikitools.cli.request import Request
    from wikitools.config import Settings
    from wikitools.web.asking import Web
    from wikitools.web.memory import Memory
    from wikitools.web.pace import Pace
    from wikitools.web.services import Service

Brought = TypeVar("Brought")

SERVICES, ALLOWED, CONTACT = "WIKITOOLS_WEB_SERVICES", "WIKITOOLS_WEB_ALLOW_HOSTS", "WIKITOOLS_CONTACT"
"""Other addresses of services; hosts that may be inside of your network; your mail address for the services.

These are variables, not keys of a file: whoever writes to the wiki must not decide which hosts your machine contacts.
"""
TOKENS = "WIKITOOLS_WEB_TOKENS"
"""Which host may have which variable, in a header that the configuration names: `docs.example.org=DOCS_TOKEN`."""
KEYS: Mapping[str, str] = {
    "github": "WIKITOOLS_GITHUB_KEY",
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
    left_out = _left_out(settings, services)
    # If the user gives another address for a service, it may be anywhere.
    named = [host_of(each) for each in services.values() if each.base in environment.get(SERVICES, "")]
    of_services = paces_of(services)
    slowest = min(settings.web.interval, _SLOWEST)
    usual = _slowed(Pace(), slowest)
    paces = {host: _slowed(pace, slowest) for host, pace in of_services.items()}
    for host, each in settings.web.host.items():
        pace = _slowed(paces.get(host, usual), each.interval)
        paces[host] = pace if host in of_services else replace(pace, at_once=each.concurrency)
    headers = _headers(asked, settings, environment)
    memory = open_web_memory(asked, settings)

    async def run() -> Brought:
        async with Client(
            paces=paces,
            pace=usual,
            headers=headers,
            insecure={*settings.web.hosts("insecure", True)} - of_services.keys(),
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
                left_out=left_out,
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


def _slowed(pace: Pace, seconds: float) -> Pace:
    """Return a pace with at least so many seconds between two requests."""
    return replace(pace, interval=max(pace.interval, seconds), fastest=max(pace.fastest, seconds))


def _left_out(settings: Settings, services: Mapping[str, Service]) -> frozenset[str]:
    """Return the services that the configuration leaves out; ends the run if it names an unknown one."""
    wanted = settings.web.sources
    for name in wanted:
        if name not in services:
            fail(f'{settings.origin("web.sources")}: "{name}" is not one of {", ".join(services)}')
    return frozenset(services.keys() - wanted) if wanted else frozenset()


_TOKEN = re.compile(r"(?P<host>[\w.:\[\]-]+)=(?P<name>\w+)", re.ASCII)


def _headers(asked: Request, settings: Settings, environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the headers of each host. A variable is filled in only where the user lets the host have it.

    What is wrong is said without the value of any variable.
    """
    let: set[tuple[str, str]] = set()
    for part in environment.get(TOKENS, "").replace(",", " ").split():
        match = _TOKEN.fullmatch(part)
        if match is None:
            fail(f"{TOKENS}: each part must be like docs.example.org=DOCS_TOKEN, a host and the name of a variable")
        let.add((match["host"].lower(), match["name"]))
    found: dict[str, dict[str, str]] = {}
    for host, table in settings.web.host.items():
        for name, written in table.headers.items():
            if why := _why_not_sent(host, VARIABLE.findall(written), let, environment, insecure=table.insecure):
                (warn if not asked.quiet else _to_nobody)(f'{host} does not get the header "{name}": {why}')
                continue
            value = VARIABLE.sub(lambda variable: environment[variable[1]].strip(), written)
            if not value.isascii() or not value.isprintable():
                fail(f'the header "{name}" for {host} must be ASCII without line breaks')
            found.setdefault(host, {})[name.lower()] = value
    return found


def _why_not_sent(
    host: str, names: list[str], let: set[tuple[str, str]], environment: Mapping[str, str], *, insecure: bool
) -> str:
    """Return why a header that names these variables is not sent; "" if it is."""
    for name in names:
        if (host, name) not in let:
            return f"to let it have {name}, set {TOKENS}={host}={name}"
        if not environment.get(name, "").strip():
            return f"the variable {name} is not set"
    return "its certificate is not checked (insecure)" if names and insecure else ""


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


def remembers(asked: Request) -> bool:
    """Say whether there may be remembered answers from the web; nothing is created."""
    try:
        return asked.cache and os.path.lexists(os.path.join(cache_folder(asked.cache_dir), files.cache_folder.MEMORY))
    except files.FileError:
        return False


def _to_nobody(_message: str) -> None:
    """Say nothing."""
