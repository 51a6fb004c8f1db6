"""Settings: read from the command line, the environment and files, and checked; each remembers where it came from."""

from wikitools.config.keys import Key, has_variable, table_keys, top_keys
from wikitools.config.layers import follows_links, load_settings
from wikitools.config.moved_paths import rename_in_config
from wikitools.config.schema import make_schema
from wikitools.config.settings import BASELINE, TABLES, ConfigError, Settings

__all__ = [
    "BASELINE",
    "TABLES",
    "ConfigError",
    "Key",
    "Settings",
    "follows_links",
    "has_variable",
    "load_settings",
    "make_schema",
    "rename_in_config",
    "table_keys",
    "top_keys",
]
