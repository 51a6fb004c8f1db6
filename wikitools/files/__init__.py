"""Finds, reads and writes the files of a wiki: the only package that touches the disk.

The boundary for reading and writing is the repository around the wiki's root, or the root if there is no repository. A
path is checked twice. As written, it must be inside the root; inside the boundary if the configuration names it; and it
may be anywhere if the command line or the environment names it. And no symbolic link on its way may lead out of the
boundary, or into git's own folder, unless the user asks to follow links. The checks are about the file that is opened:
a link that somebody puts on the path meanwhile is not followed either. Only regular files up to a size limit are read.
"""

from wikitools.files.bibliographies import read_bibliography_bytes
from wikitools.files.failure import ChangedError, DiskFullError, FileError, OutsideError, TooLargeError
from wikitools.files.ignored import is_left_out
from wikitools.files.inventory import NO_FILE, Inventory, Snapshot, Stamp, Unsaved, blob_of, is_unsaved, snapshot_of
from wikitools.files.left_out import find_left_out
from wikitools.files.make import LinkedError, append, claim, make_file, refuse_links, without_links
from wikitools.files.read import (
    CONFIG_NAMES,
    DEFAULT_BIBLIOGRAPHY_SIZE,
    DEFAULT_PAGE_SIZE,
    Reader,
    find_config_files,
    read_bytes,
    read_named,
    read_stamped,
    read_text,
    size_of,
    stamp_of,
)
from wikitools.files.real_paths import (
    FOLLOW,
    behind_links,
    below_root,
    check_given,
    exists,
    find_repository,
    locate,
    locate_named,
    relative_to,
    resolve,
)
from wikitools.files.submodules import find_absent, is_absent, may_have_gitlinks
from wikitools.files.walk import PAGE_SUFFIXES, find_pages, is_hidden
from wikitools.files.write import holds, write_atomic, writing
from wikitools.sources.readers import BIBLIOGRAPHY_SUFFIXES

__all__ = [
    "BIBLIOGRAPHY_SUFFIXES",
    "CONFIG_NAMES",
    "DEFAULT_BIBLIOGRAPHY_SIZE",
    "DEFAULT_PAGE_SIZE",
    "FOLLOW",
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
    "Unsaved",
    "append",
    "behind_links",
    "below_root",
    "blob_of",
    "check_given",
    "claim",
    "exists",
    "find_absent",
    "find_config_files",
    "find_left_out",
    "find_pages",
    "find_repository",
    "holds",
    "is_absent",
    "is_hidden",
    "is_left_out",
    "is_unsaved",
    "locate",
    "locate_named",
    "make_file",
    "may_have_gitlinks",
    "read_bibliography_bytes",
    "read_bytes",
    "read_named",
    "read_stamped",
    "read_text",
    "refuse_links",
    "relative_to",
    "resolve",
    "size_of",
    "snapshot_of",
    "stamp_of",
    "without_links",
    "write_atomic",
    "writing",
]
