"""Where log lines go and how they look."""

from __future__ import annotations

import logging
import sys
from typing import Final

import structlog
from structlog.typing import Processor

from app.settings import LogFormat, LogLevel

_SHARED: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


_NOISY: Final = ("alembic", "aiosqlite")
"""The one tells of every start, the other of every statement with what it writes."""


class _OwnLines(structlog.WriteLogger):
    """
    Writes the lines of one part of this application.

    Past `logging`, whose record, search for handlers and second formatting triple what a line
    costs, and there is one for each request.
    """

    def __init__(self, name: str = "creditgraph") -> None:
        super().__init__(sys.stderr)
        self.name = name


def configure_logs(level_name: LogLevel, form: LogFormat) -> None:
    """
    Send every line, those of libraries too, to standard error.

    Args:
        form: `auto` is for people on a terminal and JSON otherwise.
    """
    level = logging.getLevelNamesMapping()[level_name.upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(form),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[*_SHARED, *_rendering(form)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_OwnLines,
        cache_logger_on_first_use=True,
    )


def _rendering(form: LogFormat) -> list[Processor]:
    on_terminal = sys.stderr.isatty()
    if form == "console" or (form == "auto" and on_terminal):
        return [structlog.dev.ConsoleRenderer(colors=on_terminal)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
