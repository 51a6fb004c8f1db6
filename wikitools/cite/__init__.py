"""Finds citations, and the sources that they mean."""
