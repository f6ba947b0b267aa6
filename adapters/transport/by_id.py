"""Lists that were asked for by ids: each item is looked for in them, and answers for itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from app.domain.errors import ProviderContractBroken, ProviderFault
from app.domain.identifiers import SourceKey

K = TypeVar("K", bound=str)
P = TypeVar("P")
T = TypeVar("T")


def by_id(
    source: SourceKey,
    wanted: Collection[K],
    parts: Iterable[P],
    *,
    read: Callable[[P], T],
    id_of: Callable[[P], K],
) -> dict[K, T | ProviderFault]:
    """
    What *read* makes of each part, by its id; a part that cannot be read is a fault of its own.

    Of a part whose id cannot be read either, nobody can say which it is: the fault is then of all
    that is not there, for it might be any of them.

    Args:
        id_of: Reads nothing but the id.

    Raises:
        ProviderContractBroken: Something is there that was not asked for, or is there twice.
    """
    found: dict[K, T | ProviderFault] = {}
    nameless: ProviderFault | None = None
    for part in parts:
        try:
            name = id_of(part)
        except ProviderContractBroken as fault:
            nameless = fault
            continue
        if name not in wanted or name in found:
            raise ProviderContractBroken(source)
        try:
            found[name] = read(part)
        except ProviderContractBroken as fault:
            found[name] = fault
    if nameless is None:
        return found
    return dict.fromkeys(wanted, nameless) | found
