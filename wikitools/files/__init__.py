"""Finds, reads and writes the files of a wiki: the only package that touches the disk.

Which files may be read. A path is judged as written: once `..` is resolved it must lie inside the wiki's root. Symbolic
links directly in the root folder are the owner's doing and may lead anywhere; a link further down must not lead out of
the root (or out of the folder that such a top-level link leads to). What the configuration names may lie anywhere.
Only regular files are read, and none above a size limit.
"""

from wikitools.files.bibliographies import BIBLIOGRAPHY_SUFFIXES
from wikitools.files.failure import ChangedError, DiskFullError, FileError, OutsideError, TooLargeError
from wikitools.files.ignored import is_left_out
from wikitools.files.inventory import NO_FILE, Inventory, Snapshot, Stamp, blob_of, snapshot_of
from wikitools.files.left_out import find_left_out
from wikitools.files.make import LinkedError, append, claim, make_file, refuse_links, without_links
from wikitools.files.paths import behind_links, exists, find_repository, join, locate, relative_to
from wikitools.files.read import (
    CONFIG_NAMES,
    DEFAULT_BIBLIOGRAPHY_SIZE,
    DEFAULT_PAGE_SIZE,
    Reader,
    find_config_files,
    read_bytes,
    read_stamped,
    read_text,
    size_of,
    stamp_of,
)
from wikitools.files.submodules import find_absent
from wikitools.files.walk import PAGE_SUFFIXES, find_pages, is_hidden
from wikitools.files.write import holds, write_atomic, writing

__all__ = [
    "BIBLIOGRAPHY_SUFFIXES",
    "CONFIG_NAMES",
    "DEFAULT_BIBLIOGRAPHY_SIZE",
    "DEFAULT_PAGE_SIZE",
    "NO_FILE",
    "PAGE_SUFFIXES",
    "ChangedError",
    "DiskFullError",
    "FileError",
    "Inventory",
    "LinkedError",
    "OutsideError",
    "Reader",
    "Snapshot",
    "Stamp",
    "TooLargeError",
    "append",
    "behind_links",
    "blob_of",
    "claim",
    "exists",
    "find_absent",
    "find_config_files",
    "find_left_out",
    "find_pages",
    "find_repository",
    "holds",
    "is_hidden",
    "is_left_out",
    "join",
    "locate",
    "make_file",
    "read_bytes",
    "read_stamped",
    "read_text",
    "refuse_links",
    "relative_to",
    "size_of",
    "snapshot_of",
    "stamp_of",
    "without_links",
    "write_atomic",
    "writing",
]
