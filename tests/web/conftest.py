"""What the tests of the web share: the fakes of all services, in the place of the real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from web.fakes import Fakes, lead_to

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fakes]:
    with Fakes() as found:
        lead_to(found, monkeypatch)
        yield found
