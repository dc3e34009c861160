"""How the service says no: codes with their usual status, and the two body shapes.

Raised by every rule of the simulator, rendered by the gateway. Codes and statuses are those of the behaviour notes,
5.1 and 5.2.
Texts name fields and limits, never values: a value can be a secret.
"""

from collections.abc import Mapping
from enum import StrEnum

from medialive_operator.simulator.messages import Answer, JsonObject


class Family(StrEnum):
    """Operations that share a throttle window and an error shape."""

    OTT = "ott"
    CLOUD_EYE = "cloud_eye"
    STREAM_CONNECT = "stream_connect"


INVALID = "LIVE.100011001"
MEDIA_TYPE = "LIVE.100011012"
PROJECT_CHECK_FAILED = "LIVE.100011015"
TOO_MANY_AT_ONCE = "LIVE.100011007"
EXISTS = "LIVE.103011018"
NOT_FOUND = "LIVE.103011019"
NO_SUCH_API = "APIGW.0101"
NOT_AUTHENTICATED = "APIGW.0301"
SIGN_IN_AGAIN = "APIGW.0307"
THROTTLED = "APIGW.0308"

STATUSES: Mapping[str, int] = {
    "LIVE.100011002": 401,
    "LIVE.100011003": 401,
    "LIVE.100011014": 401,
    PROJECT_CHECK_FAILED: 401,
    "LIVE.103011016": 403,
    "LIVE.100011000": 500,
    "LIVE.100011005": 500,
    TOO_MANY_AT_ONCE: 500,
    "LIVE.103011017": 500,
    "LIVE.103011023": 500,
    "LIVE.103011028": 500,
    NO_SUCH_API: 404,
    "APIGW.0103": 404,
    THROTTLED: 429,
    "APIGW.0302": 403,
    "APIGW.0304": 403,
    "APIGW.0306": 403,
    "APIGW.0310": 403,
    "APIGW.0401": 403,
    "APIGW.0402": 403,
    "APIGW.0404": 403,
    "APIGW.0801": 403,
    "APIGW.0802": 403,
    "APIGW.0501": 405,
    "APIGW.0502": 405,
    "APIGW.0601": 500,
    "APIGW.0605": 500,
    "APIGW.0606": 500,
    "APIGW.0608": 500,
    "APIGW.0609": 500,
    "APIGW.0610": 503,
    "APIGW.0611": 500,
    "APIGW.0612": 500,
    "APIGW.0613": 503,
    "APIGW.0705": 500,
    NOT_AUTHENTICATED: 401,
    "APIGW.0303": 401,
    "APIGW.0305": 401,
    SIGN_IN_AGAIN: 401,
    "APIGW.0311": 401,
}


class Refusal(Exception):
    """The service refuses a call."""

    def __init__(self, code: str, text: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.status = status or STATUSES.get(code, 400)
        self.retry_after = retry_after


def invalid(text: str) -> Refusal:
    """The catch-all of the service for a bad request."""
    return Refusal(INVALID, text)


def refused(refusal: Refusal, *, result_shape: bool, key: Mapping[str, object], request_id: str) -> Answer:
    """The refusal as an answer. Codes of the gateway always come in the gateway's shape."""
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:.0f}"}
    if refusal.code.startswith("APIGW."):
        return Answer(
            refusal.status,
            {"error_code": refusal.code, "error_msg": refusal.text, "request_id": request_id},
            headers,
        )
    if result_shape:
        return Answer(refusal.status, _result(refusal, key), headers)
    return Answer(refusal.status, {"error_code": refusal.code, "error_msg": refusal.text}, headers)


def _result(refusal: Refusal, key: Mapping[str, object]) -> JsonObject:
    named = {part: key.get(part) if isinstance(key.get(part), str) else None for part in ("domain", "app_name", "id")}
    return {"result_code": refusal.code, "result_msg": refusal.text, **named}
