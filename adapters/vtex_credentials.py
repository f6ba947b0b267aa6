"""How both VTEX APIs know who asks."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from adapters.transport.settings import ReferredSecret


class VtexCredentials(BaseModel):
    """
    A key pair, or the token of a user; exactly one of the two.

    The key pair is the one for a gateway: a user token lasts 24 hours and acts for its owner.

    Source: documented, `appKey`, `appToken` and `VtexIdclientAutCookie` of the security schemes in
    both OpenAPI files. The cookie's name is the name of a header.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    app_key: ReferredSecret | None = None
    app_token: ReferredSecret | None = None
    user_token: ReferredSecret | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.app_key is None) != (self.app_token is None):
            raise ValueError("app_key and app_token are given together or not at all")
        if (self.app_key is None) == (self.user_token is None):
            raise ValueError("either app_key and app_token or user_token is expected")
        return self

    def headers(self) -> dict[str, str]:
        """The secrets in the open, for the requests of one source."""
        named = {
            "X-VTEX-API-AppKey": self.app_key,
            "X-VTEX-API-AppToken": self.app_token,
            "VtexIdclientAutCookie": self.user_token,
        }
        return {name: secret.get_secret_value() for name, secret in named.items() if secret}
