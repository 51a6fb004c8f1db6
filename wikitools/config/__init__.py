"""Settings: read from the command line, the environment and files, and checked; each remembers where it came from."""

from wikitools.config.keys import HOST, Key, has_variable, host_keys, table_keys, top_keys
from wikitools.config.layers import follows_links, load_settings
from wikitools.config.moved_paths import rename_in_config
from wikitools.config.schema import make_schema
from wikitools.config.settings import BASELINE, TABLES, ConfigError, Settings
from wikitools.config.web_settings import HostSettings

__all__ = [
    "BASELINE",
    "HOST",
    "TABLES",
    "ConfigError",
    "HostSettings",
    "Key",
    "Settings",
    "follows_links",
    "has_variable",
    "host_keys",
    "load_settings",
    "make_schema",
    "rename_in_config",
    "table_keys",
    "top_keys",
]
