"""Which documents are trusted, and whether others are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.graphql.trusted_documents.manifest import read_manifest


def _read(manifest: object) -> object:
    return read_manifest(Path(manifest)) if isinstance(manifest, str | Path) else manifest


class TrustedDocumentsSettings(BaseModel):
    """
    Attributes:
        mode: `off` knows none, `allow` also takes any other document, `only` takes no other.
        manifest: The documents by id; in a configuration, the path of the file they are read from.
        automatic: Whether clients may add documents of their own, by hash, while the process runs
            (automatic persisted queries).
        automatic_documents: How many of these are kept, the latest used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    mode: Literal["off", "allow", "only"] = "off"
    manifest: Annotated[Mapping[str, str], BeforeValidator(_read)] | None = None
    automatic: bool = False
    automatic_documents: Annotated[int, Field(ge=1)] = 1_000

    @model_validator(mode="after")
    def _makes_sense(self) -> TrustedDocumentsSettings:
        match self.mode:
            case "off" if self.manifest or self.automatic:
                raise ValueError('nothing is used in mode "off"; "allow" or "only" is needed')
            case "allow" if not (self.manifest or self.automatic):
                raise ValueError('mode "allow" needs a manifest or automatic = true')
            case "only" if not self.manifest:
                raise ValueError('mode "only" needs a manifest')
            case "only" if self.automatic:
                raise ValueError('automatic documents are not trusted: mode "only" takes none')
        return self
