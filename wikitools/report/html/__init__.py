"""The report on one HTML page: a list of work, the most useful first."""
