"""How long tests wait: not at all for what does not come, and for ever for what does."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from app.operations.steps import Patience

AT_ONCE: Final = Patience(
    answer=timedelta(hours=1),
    lock=timedelta(hours=1),
    look_ups=(timedelta(0), timedelta(0), timedelta(0)),
)
