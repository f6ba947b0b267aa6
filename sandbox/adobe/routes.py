"""From a request to its operation and back: paths, permission, media type, partial answers."""

from starlette.requests import Request
from starlette.responses import Response

from sandbox.adobe import faults
from sandbox.adobe.operations import OPERATIONS, Operation, Question
from sandbox.adobe.partial import cut
from sandbox.adobe.query import parsed_query
from sandbox.adobe.state import Shop
from sandbox.exact_json import ExactJSONResponse


def respond(shop: Shop, request: Request) -> Response:
    try:
        answer = _answer(shop, request)
    except faults.Fault as fault:
        return ExactJSONResponse(fault.envelope(), status_code=fault.status)
    return ExactJSONResponse(answer)


def _answer(shop: Shop, request: Request) -> object:
    _require_json(request.headers.get("accept", "*/*"))
    path = _path_after_version(request)
    operation = _operation(request.method, path)
    shop.authorize(request.headers.get("authorization", ""), operation.permission)
    query = parsed_query(request.url.query)
    answer = operation.answer(Question(shop, operation.path_id(path), query))
    fields = query.get("fields")
    return cut(answer, fields) if isinstance(fields, str) else answer


def _require_json(accept: str) -> None:
    """The shop's XML form is not served: it is refused like any other foreign type."""
    ranges = {one.partition(";")[0].strip().lower() for one in accept.split(",")}
    if ranges.isdisjoint({"application/json", "application/*", "*/*"}):
        raise faults.not_acceptable(accept)


def _path_after_version(request: Request) -> tuple[str, ...]:
    """The segments after `/rest/<any store>/V1` or `/V1`, whatever the header Store says."""
    path: str = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    segments = tuple(path.removesuffix("/").split("/")[1:])
    if segments[:1] == ("rest",):
        segments = segments[2:]
    if segments[:1] != ("V1",):
        raise faults.unknown_route()
    return segments[1:]


def _operation(method: str, path: tuple[str, ...]) -> Operation:
    for operation in OPERATIONS:
        if method == "GET" and operation.matches(path):
            return operation
    raise faults.unknown_route()
