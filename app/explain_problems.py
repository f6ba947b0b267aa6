"""What is wrong with a configuration, in words for who wrote it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails


class ConfigurationError(Exception):
    """
    The configuration cannot be used.

    Attributes:
        problems: All of them, each with its place: `sources[1].base_url: ...`. No secret is in one.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def explain(refusal: ValidationError) -> list[str]:
    """Each problem of single settings, without the values that were found there."""
    return [
        _explained(problem) for problem in refusal.errors(include_url=False, include_input=False)
    ]


_IN_OUR_WORDS: Final = {"missing": "is required", "extra_forbidden": "there is no such setting"}


def _explained(problem: ErrorDetails) -> str:
    place, context = _place(problem["loc"]), problem.get("ctx", {})
    match problem["type"]:
        case "missing" | "extra_forbidden" as kind:
            return f"{place}: {_IN_OUR_WORDS[kind]}"
        case "union_tag_not_found":
            return f"{place}.provider: is required"
        case "union_tag_invalid":
            return f"{place}.provider: one of {context['expected_tags']} is expected"
        case "value_error":
            return f"{place}: {context['error']}"
        case _:
            return f"{place}: {problem['msg']}"


def _place(steps: Sequence[str | int]) -> str:
    """As it would be written: pydantic also counts the provider's name as a step below a source."""
    match steps:
        case ["sources", int(index), str(_), *rest]:
            steps = ["sources", index, *rest]
    return "".join(_step(step) for step in steps if step != "[key]").removeprefix(".")


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if re.fullmatch(r"[A-Za-z0-9_-]+", step) else f'."{step}"'


def find_contradictions(written: Any) -> list[str]:
    """
    What is wrong between settings, looked for in the configuration as it is written: so it is
    found beside what is wrong with single ones. Steps over everything that `explain` will name.
    """
    sources = _tables(written, "sources")
    customers = _tables(written, "customers")
    return [
        *_none_enabled(sources),
        *_repeated(
            (f"sources[{i}].key", _member(source, "key")) for i, source in enumerate(sources)
        ),
        *_strange_links(customers, {_member(source, "key") for source in sources}),
        *_repeated(_names_of_customers(customers)),
    ]


def _none_enabled(sources: Sequence[Any]) -> Iterator[str]:
    if sources and all(_member(source, "enabled") is False for source in sources):
        yield "sources: at least one enabled source is needed"


def _strange_links(customers: Sequence[Any], keys: set[Any]) -> Iterator[str]:
    for index, customer in enumerate(customers):
        for source in _links(customer):
            if source not in keys:
                yield f"{_place(['customers', index, 'links', source])}: there is no such source"


def _names_of_customers(customers: Sequence[Any]) -> Iterator[tuple[str, Hashable]]:
    """Everything a customer is found by, one customer each."""
    for index, customer in enumerate(customers):
        place = f"customers[{index}]"
        match _member(customer, "email"):
            case str(email):
                yield f"{place}.email", ("email", email.strip().lower())
        match _member(customer, "document"):
            case str(document):
                yield f"{place}.document", ("document", re.sub("[^0-9]", "", document))
        for source, own_id in _links(customer).items():
            yield f"{place}.links.{source}", ("link", source, str(own_id))


def _repeated(named: Iterable[tuple[str, Hashable]]) -> Iterator[str]:
    first: dict[Hashable, str] = {}
    for place, name in named:
        if first.setdefault(name, place) != place and name is not None:
            yield f"{place}: the same as {first[name]}"


def _tables(written: Any, name: str) -> Sequence[Any]:
    value = _member(written, name)
    return value if isinstance(value, list | tuple) else ()


def _links(customer: Any) -> Mapping[str, Any]:
    links = _member(customer, "links")
    return links if isinstance(links, Mapping) else {}


def _member(written: Any, name: str) -> Any:
    return written.get(name) if isinstance(written, Mapping) else getattr(written, name, None)
