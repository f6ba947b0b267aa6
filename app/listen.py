"""A port of this machine, taken before anything else is started."""

from __future__ import annotations

import errno
import socket
from typing import Final

HOST: Final = "127.0.0.1"


class PortTaken(Exception):
    """Something else listens there, or the address is not this machine's."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        taken = cause.errno == errno.EADDRINUSE
        why = "something else listens there" if taken else (cause.strerror or "it cannot be used")
        super().__init__(f"port {port} of {host}: {why}; choose another one")


def listen(host: str, port: int) -> socket.socket:
    """
    Args:
        host: A loopback address or `localhost`.
        port: 0 takes any free one.

    Raises:
        PortTaken: It cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as exc:
        raise PortTaken(host, port, exc) from exc
