"""
Files of trusted documents, in the two shapes that client tools write.

Relay, GraphQL Code Generator: `{"<id>": "<document>", ...}`. Apollo:
`{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "body"}, ...]}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

APOLLO: Final = "apollo-persisted-query-manifest"
HASHED: Final = "sha256:"
"""May stand before an id that is the SHA-256 of its document."""
SHA256: Final = re.compile(r"[0-9a-f]{64}")


class ManifestError(ValueError):
    """The file is no manifest; the message names the place."""


def read_manifest(path: Path) -> Mapping[str, str]:
    """
    Documents by id.

    Raises:
        ManifestError: The file cannot be read, or says something else.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError as exc:
        raise ManifestError(f"{path}: {exc.strerror or 'cannot be read'}") from exc
    except (ValueError, RecursionError):
        raise ManifestError(f"{path}: this is not JSON") from None
    try:
        return documents_of(content)
    except ManifestError as exc:
        raise ManifestError(f"{path}: {exc}") from None


def documents_of(content: object) -> Mapping[str, str]:
    """
    Raises:
        ManifestError: *content* has neither shape, or an id is the hash of another document.
    """
    if not isinstance(content, dict):
        raise ManifestError("a manifest is an object")
    if isinstance(content.get("format"), str) and "operations" in content:
        return _of_apollo(content)
    documents = {key.removeprefix(HASHED): _text(text, key) for key, text in content.items()}
    for key, text in documents.items():
        if SHA256.fullmatch(key) and key != hash_of(text):
            raise ManifestError(f"{key}: this is not the SHA-256 of its document")
    return documents


def hash_of(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def _of_apollo(content: Mapping[str, Any]) -> Mapping[str, str]:
    if (content["format"], content.get("version")) != (APOLLO, 1):
        raise ManifestError(f"the format known here is {APOLLO}, version 1")
    operations = content["operations"]
    if not isinstance(operations, list):
        raise ManifestError("operations: this is not a list")
    documents: dict[str, str] = {}
    for index, operation in enumerate(operations):
        place = f"operations[{index}]"
        if not isinstance(operation, dict) or not isinstance(operation.get("id"), str):
            raise ManifestError(f"{place}: an id and a body are needed")
        documents[operation["id"]] = _text(operation.get("body"), place)
    return documents


def _text(value: object, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ManifestError(f"{place}: this is not a document")
    return value
