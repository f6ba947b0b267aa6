"""What a provider can do, asked often and found out once."""

from __future__ import annotations

from typing import Final, TypeGuard, TypeVar

A = TypeVar("A")

_KNOWN: Final[dict[tuple[type, type], bool]] = {}


def able_to(provider: object, ability: type[A]) -> TypeGuard[A]:
    """
    Whether *provider* has *ability*, a Protocol.

    As `isinstance` says, which looks for each member of a Protocol anew and takes 30 microseconds:
    too much for what every query asks a dozen times. All objects of a class can do the same.
    """
    asked = (type(provider), ability)
    known = _KNOWN.get(asked)
    if known is None:
        known = _KNOWN[asked] = isinstance(provider, ability)
    return known
