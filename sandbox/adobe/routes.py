"""From a request to its operation and back: paths, permission, media type, partial answers."""

from starlette.requests import Request
from starlette.responses import Response

from sandbox.adobe import faults, ims
from sandbox.adobe.access import NOBODY
from sandbox.adobe.partial import cut
from sandbox.adobe.query import parsed_query
from sandbox.adobe.questions import Operation, Question
from sandbox.adobe.reads import READS
from sandbox.adobe.state import Shop
from sandbox.adobe.writes import WRITES
from sandbox.exact_json import ExactJSONResponse


async def respond(shop: Shop, request: Request) -> Response:
    content = await request.body() if request.method in ("POST", "PUT") else b""
    if (request.method, _path(request)) == ("POST", ims.PATH):
        return ims.token_answer(shop.access, _media_type(request), content)
    try:
        answer = await _answer(shop, request, content)
    except faults.Fault as fault:
        return ExactJSONResponse(fault.envelope(), status_code=fault.status)
    return ExactJSONResponse(answer)


async def _answer(shop: Shop, request: Request, content: bytes) -> object:
    _require_json(request.headers.get("accept", "*/*"))
    path = _path_after_version(request)
    operation = _operation(request.method, path)
    permission = operation.permission
    caller = NOBODY if permission is None else shop.access.authorize(request, permission)
    query = parsed_query(request.scope["query_string"].decode(errors="replace"))
    question = Question(shop, caller, operation.path_id(path), query, _media_type(request), content)
    answer = await operation.answer(question)
    fields = query.get("fields")
    return cut(answer, fields) if isinstance(fields, str) else answer


def _require_json(accept: str) -> None:
    """The shop's XML form is not served: it is refused like any other foreign type."""
    ranges = {_without_parameters(one) for one in accept.split(",")}
    if ranges.isdisjoint({"application/json", "application/*", "*/*"}):
        raise faults.not_acceptable(accept)


def _media_type(request: Request) -> str:
    return _without_parameters(request.headers.get("content-type", ""))


def _without_parameters(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _path(request: Request) -> str:
    path: str = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return path.removesuffix("/")


def _path_after_version(request: Request) -> tuple[str, ...]:
    """The segments after `/rest/<any store>/V1` or `/V1`, whatever the header Store says."""
    segments = tuple(_path(request).split("/")[1:])
    if segments[:1] == ("rest",):
        segments = segments[2:]
    if segments[:1] != ("V1",):
        raise faults.unknown_route()
    return segments[1:]


def _operation(method: str, path: tuple[str, ...]) -> Operation:
    for operation in (*READS, *WRITES):
        if operation.matches(method, path):
            return operation
    raise faults.unknown_route()
