"""Citations, and which sources they mean."""
