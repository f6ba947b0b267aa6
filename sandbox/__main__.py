"""`python -m sandbox`: the stand-ins alone."""

import argparse
import sys
from pathlib import Path

from sandbox.seed import SeedError
from sandbox.server import run


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Serve stand-ins for four credit providers, with data of invented people.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", default=8001, type=int, help="port, 0 for any (%(default)s)")
    parser.add_argument("--seed", type=Path, metavar="FILE", help="your own data, a JSON file")
    parser.add_argument(
        "--parent-pid", type=int, metavar="PID", help="stop when this process disappears"
    )
    arguments = parser.parse_args()
    try:
        run(arguments.host, arguments.port, arguments.seed, parent_pid=arguments.parent_pid)
    except SeedError as exc:
        sys.stderr.write(f"bad seed: {exc}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
