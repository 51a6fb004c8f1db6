"""Fixes: applied until nothing changes, and proven before anything is written."""
