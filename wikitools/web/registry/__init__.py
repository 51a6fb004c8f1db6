"""Whether an identifier exists: asked at its registry, which alone can say no."""
