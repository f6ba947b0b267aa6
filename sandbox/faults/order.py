"""What can be ordered: the modes, their options, and which requests they strike."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.exact_json import dumps
from sandbox.faults.calls import is_write


class BadFault(ValueError):
    """The message says which option of a fault is wrong, and how."""


@dataclass(frozen=True)
class Option:
    default: object
    wanted: str
    accepts: Callable[[Any], bool]


def _whole_number(least: int, most: int, *, default: int) -> Option:
    return Option(
        default,
        f"a whole number from {least} to {most}",
        lambda value: type(value) is int and least <= value <= most,
    )


def _one_of(*words: str, default: str) -> Option:
    return Option(default, f"one of {', '.join(words)}", lambda value: value in words)


def _milliseconds(default: int) -> Option:
    return _whole_number(0, 600_000, default=default)


_PROBABILITY = Option(
    1,
    "a number from 0 to 1",
    lambda value: type(value) in (int, Decimal) and 0 <= value <= 1,
)
_TEXT = Option("", "a text", lambda value: isinstance(value, str))
_NO = Option(default=False, wanted="true or false", accepts=lambda value: isinstance(value, bool))


def _options(*, calls: str = "all", **own: Option) -> Mapping[str, Option]:
    return {
        **own,
        "calls": _one_of("all", "reads", "writes", default=calls),
        "times": _whole_number(0, 1_000_000, default=0),
        "probability": _PROBABILITY,
        "seed": _whole_number(0, 2**32, default=0),
        "path_contains": _TEXT,
    }


OPTIONS: Mapping[str, Mapping[str, Option]] = {
    "none": {},
    "latency": _options(milliseconds=_milliseconds(1_000)),
    "hang": _options(),
    "error": _options(status=_whole_number(500, 599, default=500)),
    "reset": _options(),
    "malformed": _options(kind=_one_of("html", "truncated", "wrong_type", default="truncated")),
    "throttle": _options(retry_after_seconds=_whole_number(0, 86_400, default=1)),
    "unauthorized": _options(),
    "applied_then_cut": _options(calls="writes"),
    "cut_before_applied": _options(calls="writes"),
    "applied_then_500": _options(calls="writes"),
    "applied_then_401": _options(calls="writes"),
    "applied_late": _options(calls="writes", milliseconds=_milliseconds(3_000)),
    "html_502": _options(calls="writes", applied=_NO),
}


@dataclass
class Fault:
    """Which requests it strikes depends on their order and the seed, on nothing else."""

    mode: str = "none"
    options: Mapping[str, Any] = field(default_factory=dict)
    _dice: random.Random = field(default_factory=random.Random, repr=False, compare=False)
    _struck: int = field(default=0, init=False, repr=False, compare=False)

    @classmethod
    def from_json(cls, document: object) -> "Fault":
        if not isinstance(document, Mapping):
            raise BadFault('a fault is an object such as {"mode": "hang"}')
        mode = document.get("mode")
        if not isinstance(mode, str) or mode not in OPTIONS:
            raise BadFault(f"mode: {_shown(mode)} is none of {', '.join(OPTIONS)}")
        known = OPTIONS[mode]
        for name in document:
            if name != "mode" and name not in known:
                raise BadFault(f"{name}: the mode {mode} has no such option; {_listed(known)}")
        chosen: dict[str, Any] = {
            name: _checked(name, option, document) for name, option in known.items()
        }
        return cls(mode, chosen, random.Random(chosen.get("seed")))

    def as_json(self) -> dict[str, Any]:
        if self.mode == "none":
            return {"mode": "none"}
        return {"mode": self.mode, **self.options, "strikes_left": self.strikes_left}

    @property
    def is_applied(self) -> bool:
        """Whether a request is carried out although its answer is lost."""
        return self.mode.startswith("applied") or bool(self.options.get("applied", False))

    @property
    def strikes_left(self) -> int | None:
        """None where there is no end."""
        times: int = self.options.get("times", 0)
        return times - self._struck if times else None

    def strikes(self, method: str, path: str) -> bool:
        """Ask once for each request: every yes is one of `times`."""
        if not self._concerns(method, path) or self.strikes_left == 0:
            return False
        probability: int | Decimal = self.options["probability"]
        struck = self._dice.random() < probability
        self._struck += struck
        return struck

    def _concerns(self, method: str, path: str) -> bool:
        if self.mode == "none" or self.options["path_contains"] not in path:
            return False
        return self.options["calls"] in ("all", "writes" if is_write(method, path) else "reads")


def _checked(name: str, option: Option, document: Mapping[str, Any]) -> Any:
    value = document.get(name, option.default)
    if not option.accepts(value):
        raise BadFault(f"{name}: {_shown(value)} is not {option.wanted}")
    return value


def _listed(options: Mapping[str, Option]) -> str:
    return f"there are {', '.join(options)}" if options else "it has none"


def _shown(value: object) -> str:
    return dumps(value).decode()
