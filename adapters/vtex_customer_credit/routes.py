"""Where everything of this API lies."""

from __future__ import annotations

from typing import Final

ROOT: Final = ("api", "creditcontrol")

ACCOUNTS: Final = (*ROOT, "accounts")
