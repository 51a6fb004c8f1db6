"""Fixes: applied to a fixed point, proven, written."""
