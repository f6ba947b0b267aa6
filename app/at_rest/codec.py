"""
Values of the domain as text, and back, exactly.

What a type looks like is read off the type, so that an instruction, a detail or an error that is
added later needs no line here: a dataclass by its members, an error by the arguments of its
constructor (kept as attributes of the same name; a cause is not kept), a member of a union or of a
family of classes under its class's name. Secrets are kept masked and come back withheld.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

from cattrs import Converter
from cattrs.errors import (
    BaseValidationError,
    ForbiddenExtraKeysError,
    StructureHandlerNotFoundError,
)
from cattrs.gen import make_dict_structure_fn

from app.domain.errors import CreditError
from app.domain.instructions import Instruction
from app.domain.instruments import Secret

_NOT_OF_THE_DOMAIN: Final = (
    ArithmeticError,
    AttributeError,
    BaseValidationError,
    CreditError,
    ForbiddenExtraKeysError,
    LookupError,
    StructureHandlerNotFoundError,
    TypeError,
    ValueError,
)
"""What cattrs and the constructors of the domain say to a text that is none of theirs."""


class Unreadable(Exception):
    """Not what this release would write: a class or member that it does not know."""


class Codec:
    def __init__(self) -> None:
        self._converter = Converter(
            detailed_validation=False, unstruct_collection_overrides={AbstractSet: list}
        )
        _teach_values(self._converter)
        _teach_open_json(self._converter)
        _teach_instructions(self._converter)
        _teach_errors(self._converter)
        _teach_unions(self._converter)

    def encode(self, value: object, form: Any) -> str:
        """
        Args:
            form: The type by which *value* will be read: a class, the root of a family or a union.

        Raises:
            TypeError, ValueError: There is something in *value* that could not be read again.
        """
        plain = self._converter.unstructure(value, unstructure_as=form)
        return json.dumps(plain, separators=(",", ":"), allow_nan=False)

    def decode(self, text: str, form: Any) -> Any:
        """
        Raises:
            Unreadable
        """
        try:
            return self._converter.structure(json.loads(text), form)
        except _NOT_OF_THE_DOMAIN as exc:
            raise Unreadable from exc


def _teach_values(converter: Converter) -> None:
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    converter.register_unstructure_hook(datetime, _moment_text)
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    converter.register_unstructure_hook(Secret, Secret.masked)
    converter.register_structure_hook(Secret, lambda masked, _: Secret.withheld(masked))


def _moment_text(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.isoformat()


def _teach_open_json(converter: Converter) -> None:
    """What is only known to be JSON, as a provider's `metadata`, numbers exact."""
    converter.register_unstructure_hook_func(lambda form: form is object, _closed)
    converter.register_structure_hook_func(lambda form: form is object, lambda v, _: _opened(v))


def _closed(value: object) -> object:
    match value:
        case Decimal():
            return {"number": str(value)}
        case Mapping():
            return {"object": {key: _closed(member) for key, member in value.items()}}
        case list() | tuple():
            return [_closed(member) for member in value]
        case str() | bool() | int() | None:
            return value
    raise TypeError(f"not JSON: {type(value).__name__}")


def _opened(value: object) -> object:
    match value:
        case {"number": str(text)}:
            return Decimal(text)
        case {"object": dict(members)}:
            return {key: _opened(member) for key, member in members.items()}
        case list():
            return [_opened(member) for member in value]
    return value


def _teach_instructions(converter: Converter) -> None:
    """Strictly: an instruction with a member that this release does not know is not followed."""

    def make_strict(form: Any) -> Callable[..., Any]:
        return make_dict_structure_fn(form, converter, _cattrs_forbid_extra_keys=True)

    converter.register_structure_hook_factory(_is_below(Instruction), make_strict)
    _teach_choice(converter, lambda form: form is Instruction, _classes_below)


def _teach_errors(converter: Converter) -> None:
    def write(error: CreditError) -> dict[str, Any]:
        return {
            name: converter.unstructure(getattr(error, name), unstructure_as=form)
            for name, form in _constructor(type(error)).items()
        }

    def read(members: Mapping[str, Any], form: type[CreditError]) -> CreditError:
        """An argument that the writer's release did not know has its default."""
        return form(
            **{
                name: converter.structure(members[name], argument)
                for name, argument in _constructor(form).items()
                if name in members
            }
        )

    converter.register_unstructure_hook_func(_is_below(CreditError), write)
    converter.register_structure_hook_func(_is_below(CreditError), read)
    _teach_choice(converter, lambda form: form is CreditError, _classes_below)


def _constructor(error_type: type[CreditError]) -> dict[str, Any]:
    """The type of each argument by name."""
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    hints = get_type_hints(error_type.__init__)
    return {
        parameter.name: hints[parameter.name]
        for parameter in inspect.signature(error_type.__init__).parameters.values()
        if parameter.kind in named and parameter.name != "self"
    }


def _teach_unions(converter: Converter) -> None:
    _teach_choice(converter, lambda form: len(_classes_in(form)) > 1, _classes_in)


def _teach_choice(
    converter: Converter,
    applies: Callable[[Any], bool],
    classes: Callable[[Any], Mapping[str, type]],
) -> None:
    """One of several classes is written with its name before it."""

    def write(value: object) -> list[Any] | None:
        if value is None:
            return None
        return [type(value).__name__, converter.unstructure(value, unstructure_as=type(value))]

    def read(written: list[Any] | None, form: Any) -> object:
        if written is None and NoneType in get_args(form):
            return None
        name, content = cast("list[Any]", written)
        return converter.structure(content, classes(form)[name])

    converter.register_unstructure_hook_func(applies, write)
    converter.register_structure_hook_func(applies, read)


def _is_below(root: type) -> Callable[[Any], bool]:
    return lambda form: isinstance(form, type) and issubclass(form, root) and form is not root


def _classes_below(root: type) -> Mapping[str, type]:
    """
    By name. A dataclass with slots stands twice in the list of subclasses until the first form of
    it is collected; the later one is the class.
    """
    return {form.__name__: form for form in _walk(root)}


def _walk(root: type) -> Iterator[type]:
    children: list[type] = root.__subclasses__()
    for form in children:
        yield form
        yield from _walk(form)


def _classes_in(form: Any) -> Mapping[str, type]:
    """The dataclasses of a union, by name; none of what is no union."""
    if get_origin(form) not in (Union, UnionType):
        return {}
    members: tuple[type, ...] = get_args(form)
    return {member.__name__: member for member in members if is_dataclass(member)}
