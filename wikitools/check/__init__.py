"""One check of a wiki: what changed is read, each page looked at by itself, and what needs all pages comes last.

A page is read and looked at in one go, in any process, by what is known of the others beforehand: their paths, and the
shared bibliographies. Rules that want to know more (`UnknownError`) wait for the end. So what was found on a page holds
as long as the page and the list of files stay the same, which is what the cache goes by.
"""

from wikitools.check.beside import Settler
from wikitools.check.desk import Answer, Item, PageLooker
from wikitools.check.job import Asked, Checked, Job
from wikitools.check.reading import Seen
from wikitools.check.steps import Check, check, is_able, open_workspace, read_again

__all__ = [
    "Answer",
    "Asked",
    "Check",
    "Checked",
    "Item",
    "Job",
    "PageLooker",
    "Seen",
    "Settler",
    "check",
    "is_able",
    "open_workspace",
    "read_again",
]
