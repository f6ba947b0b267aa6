"""
Comments of history rows: empty, or a JSON text with the caller's words and the shop's own.

Reported: the members `custom` and `system`, and in `system` the order and the changed settings.
Assumed: that a member without content is left out.
"""

from collections.abc import Mapping
from typing import Any

from sandbox import exact_json


def written_comment(custom: str | None, system: Mapping[str, object]) -> str:
    return _written({"custom": custom, "system": system})


def with_custom(comment: str, custom: str | None) -> str:
    """*comment* with other words of the caller."""
    known: dict[str, Any] = exact_json.loads(comment) if comment else {}
    return _written({**known, "custom": custom})


def _written(members: Mapping[str, object]) -> str:
    filled = {name: content for name, content in members.items() if content}
    return exact_json.dumps(filled).decode() if filled else ""
