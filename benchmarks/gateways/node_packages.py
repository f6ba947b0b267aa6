"""Contestants on Node.js: is it there, and are the packages, by name and exact version?"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

OLDEST_NODE: Final = (20, 18)
_INSTALLS_WITHIN_SECONDS: Final = 600


def install(folder: Path) -> str | None:
    """
    Put the packages that *folder*'s `package.json` names beside it, unless they are there.

    Returns:
        Why that is impossible here.
    """
    if reason := _node_missing():
        return reason
    if _is_installed(folder):
        return None
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not on this machine"
    try:
        done = subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_INSTALLS_WITHIN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"npm did not install it within {_INSTALLS_WITHIN_SECONDS} s"
    return None if done.returncode == 0 else f"npm could not install it: {_last_line(done.stderr)}"


def node_version() -> str | None:
    node = shutil.which("node")
    if node is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or None


def _node_missing() -> str | None:
    said = node_version()
    found = re.match(r"v(\d+)\.(\d+)", said or "")
    if found and tuple(map(int, found.groups())) >= OLDEST_NODE:
        return None
    oldest = ".".join(map(str, OLDEST_NODE))
    return f"Node.js {oldest} or later is needed; here is {said or 'none'}"


def _is_installed(folder: Path) -> bool:
    return all(
        installed_version(folder, name) == version for name, version in wanted(folder).items()
    )


def wanted(folder: Path) -> dict[str, str]:
    packages: dict[str, str] = json.loads((folder / "package.json").read_text())["dependencies"]
    return packages


def installed_version(folder: Path, package: str) -> str | None:
    try:
        described = (folder / "node_modules" / package / "package.json").read_text()
    except OSError:
        return None
    version: str = json.loads(described)["version"]
    return version


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "no word why")
