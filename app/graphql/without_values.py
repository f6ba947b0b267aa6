"""What graphql-core says is wrong, without what stands there: that may be a code or a token."""

from __future__ import annotations

import re
from typing import Final

_REPEATED: Final = re.compile(
    r"[,;] found: .*|(?P<kept>cannot represent [^:]*): .*|(?P<asked>\?) Found: .*", re.DOTALL
)
"""After a proposal, `Did you mean 'x'?`, the value is a sentence of its own."""


def without_values(message: str) -> str:
    return _REPEATED.sub(lambda found: found["asked"] or f"{found['kept'] or ''}.", message)
