"""The rules: one file each, named like its function."""
