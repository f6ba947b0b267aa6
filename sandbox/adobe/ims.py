"""
The sign-in service in front of a hosted shop, which gives tokens to clients.

Documented: the form and its scopes. Assumed: the refusals, which are those of OAuth 2.0.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.responses import Response

from sandbox.adobe.access import IMS_TOKEN_LIFE, Access
from sandbox.exact_json import ExactJSONResponse

PATH = "/ims/token/v3"
FORM = "application/x-www-form-urlencoded"
SCOPES = frozenset(
    {
        "openid",
        "AdobeID",
        "email",
        "profile",
        "additional_info.roles",
        "additional_info.projectedProductContext",
        "commerce.accs",
    }
)


def token_answer(access: Access, media_type: str, content: bytes) -> Response:
    form = dict(parse_qsl(content.decode(errors="replace"))) if media_type == FORM else {}
    if problem := _problem(access, form):
        return ExactJSONResponse({"error": problem}, 400)
    token = access.issue(access.ims_clients[form["client_id"]], IMS_TOKEN_LIFE)
    return ExactJSONResponse(
        {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": int(IMS_TOKEN_LIFE.total_seconds()),
        }
    )


def _problem(access: Access, form: Mapping[str, str]) -> str | None:
    if not {"grant_type", "client_id", "client_secret", "scope"} <= form.keys():
        return "invalid_request"
    if form["grant_type"] != "client_credentials":
        return "unsupported_grant_type"
    client = access.ims_clients.get(form["client_id"])
    if client is None or not client.proves(form["client_secret"]):
        return "invalid_client"
    if not set(form["scope"].replace(",", " ").split()) >= SCOPES:
        return "invalid_scope"
    return None
