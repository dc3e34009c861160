"""Answers of injected faults, and the one that is none: the connection ends without a word.

Used by the gateway.
"""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from medialive_operator.simulator.faults import Fault
from medialive_operator.simulator.messages import Answer
from medialive_operator.simulator.refusals import NO_SUCH_API, NOT_AUTHENTICATED, THROTTLED, Refusal, refused

HANG_UP = "medialive.hang_up"  # member of the ASGI scope; put there by serving
_CODES: Mapping[int, str] = {
    400: "LIVE.100011001",
    401: NOT_AUTHENTICATED,
    403: "APIGW.0302",
    404: NO_SUCH_API,
    405: "APIGW.0501",
    413: "APIGW.0201",
    429: THROTTLED,
    500: "LIVE.100011005",
    502: "APIGW.0201",
    503: "APIGW.0613",
    504: "APIGW.0201",
}


def fault_answer(fault: Fault, *, result_shape: bool, key: Mapping[str, object], request_id: str) -> Answer:
    """What the fault answers. A status alone gets the code that goes with it, and the reverse."""
    wait = fault.retry_after
    headers = {} if wait is None else {"Retry-After": wait if isinstance(wait, str) else f"{wait:g}"}
    if fault.body is not None:
        headers["Content-Type"] = fault.content_type or "text/html"
        return Answer(fault.status or 500, {}, headers, raw=fault.body)
    code = fault.code or _CODES.get(fault.status or 500, "LIVE.100011005")
    refusal = Refusal(code, fault.message or "injected fault", status=fault.status)
    answer = refused(refusal, result_shape=result_shape, key=key, request_id=request_id)
    return Answer(answer.status, answer.body, headers)


class NoAnswer(Response):
    """Ends the connection in place of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hang up. Raises ConnectionResetError where there is no connection, in an app that is called directly."""
        hang_up = scope.get(HANG_UP)
        if hang_up is None:
            raise ConnectionResetError("the simulated service dropped the connection")
        hang_up()
        while (await receive())["type"] != "http.disconnect":
            pass
