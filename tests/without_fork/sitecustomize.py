"""Put on PYTHONPATH, this makes Python one that cannot fork, as on Windows: workers are started and sent their work."""

import os

if hasattr(os, "fork"):
    del os.fork
