"""How each provider says no, for the faults: the bodies their contracts name."""

from starlette.responses import Response

from sandbox.exact_json import ExactJSONResponse


class VtexRefusals:
    """Documented: a bare 401; a 500 body seen in known issues. Assumed: 429 has no body."""

    def error(self, status: int) -> Response:
        return ExactJSONResponse({"message": "An error has occurred."}, status)

    def unauthorized(self) -> Response:
        return Response(status_code=401)

    def throttled(self) -> Response:
        return Response(status_code=429)


class AdobeRefusals:
    def error(self, status: int) -> Response:
        message = (
            "Internal Error. Details are available in Magento log file."
            " Report ID: webapi-5f1d0c9a2b3e4"
        )
        return ExactJSONResponse({"message": message}, status)

    def unauthorized(self) -> Response:
        return ExactJSONResponse(
            {
                "message": "The consumer isn't authorized to access %resources.",
                "parameters": {"resources": "Magento_Company::credit_history"},
            },
            401,
        )

    def throttled(self) -> Response:
        return ExactJSONResponse({"message": "Too Many Requests"}, 429)


class MedusaRefusals:
    """Recorded: the 401 and the 500. Assumed: a 429, which the server itself never gives."""

    def error(self, status: int) -> Response:
        return ExactJSONResponse(
            {
                "code": "unknown_error",
                "type": "unknown_error",
                "message": "An unknown error occurred.",
            },
            status,
        )

    def unauthorized(self) -> Response:
        return ExactJSONResponse({"message": "Unauthorized"}, 401)

    def throttled(self) -> Response:
        return ExactJSONResponse({"message": "Too Many Requests"}, 429)
