"""What the service's error codes mean: one table, keyed by code. Facts as data.

Read by the client (which raises by it), the simulator's tests and the reference pages.
Sources: behaviour notes 5.1, 5.2 and 5.3 (docs/contract/behaviour.md). The HTTP status alone classifies nothing:
`not found` comes as 400 or 404, a throttle as 429 or 500, and a gateway's 404 never means that a channel is gone.
"""

from collections.abc import Mapping
from enum import StrEnum


class ErrorClass(StrEnum):
    """What a caller can do about a failure. No class is for ever."""

    NOT_FOUND = "NotFound"  # the resource does not exist
    EXISTS = "Exists"  # somebody has this id already
    THROTTLED = "Throttled"  # too many calls; slow down
    TRANSIENT = "Transient"  # may work the next time
    DENIED = "Denied"  # credentials or permissions
    SUSPENDED = "Suspended"  # the account must be put in order first
    INVALID = "Invalid"  # the request must be changed
    UNSUPPORTED = "Unsupported"  # not offered here: wrong region, endpoint or API


SUCCESS = "LIVE.100000000"
SIGN_IN_AGAIN = "APIGW.0307"  # the token is too old, or of another region
NOT_FOUND = "LIVE.103011019"

ERROR_CODES: Mapping[str, ErrorClass] = {
    "LIVE.100011000": ErrorClass.TRANSIENT,
    "LIVE.100011001": ErrorClass.INVALID,
    "LIVE.100011002": ErrorClass.DENIED,
    "LIVE.100011003": ErrorClass.DENIED,
    "LIVE.100011004": ErrorClass.INVALID,
    "LIVE.100011005": ErrorClass.TRANSIENT,
    "LIVE.100011006": ErrorClass.TRANSIENT,
    "LIVE.100011007": ErrorClass.THROTTLED,
    "LIVE.100011008": ErrorClass.TRANSIENT,
    "LIVE.100011009": ErrorClass.DENIED,
    "LIVE.100011011": ErrorClass.UNSUPPORTED,
    "LIVE.100011012": ErrorClass.INVALID,
    "LIVE.100011013": ErrorClass.SUSPENDED,
    "LIVE.100011014": ErrorClass.SUSPENDED,
    "LIVE.100011015": ErrorClass.DENIED,
    "LIVE.100011022": ErrorClass.TRANSIENT,
    "LIVE.103011016": ErrorClass.INVALID,
    "LIVE.103011017": ErrorClass.TRANSIENT,
    "LIVE.103011018": ErrorClass.EXISTS,
    "LIVE.103011019": ErrorClass.NOT_FOUND,
    "LIVE.103011020": ErrorClass.SUSPENDED,
    "LIVE.103011021": ErrorClass.TRANSIENT,
    "LIVE.103011022": ErrorClass.TRANSIENT,
    "LIVE.103011023": ErrorClass.TRANSIENT,
    "LIVE.103011024": ErrorClass.SUSPENDED,
    "LIVE.103011025": ErrorClass.SUSPENDED,
    "LIVE.103011026": ErrorClass.SUSPENDED,
    "LIVE.103011027": ErrorClass.SUSPENDED,
    "LIVE.103011028": ErrorClass.TRANSIENT,
    "APIGW.0101": ErrorClass.UNSUPPORTED,
    "APIGW.0103": ErrorClass.UNSUPPORTED,
    "APIGW.0104": ErrorClass.INVALID,
    "APIGW.0105": ErrorClass.INVALID,
    "APIGW.0106": ErrorClass.INVALID,
    "APIGW.0301": ErrorClass.DENIED,
    "APIGW.0302": ErrorClass.DENIED,
    "APIGW.0303": ErrorClass.DENIED,
    "APIGW.0304": ErrorClass.DENIED,
    "APIGW.0305": ErrorClass.DENIED,
    "APIGW.0306": ErrorClass.DENIED,
    "APIGW.0307": ErrorClass.DENIED,
    "APIGW.0308": ErrorClass.THROTTLED,
    "APIGW.0310": ErrorClass.DENIED,
    "APIGW.0311": ErrorClass.DENIED,
    "APIGW.0401": ErrorClass.DENIED,
    "APIGW.0402": ErrorClass.DENIED,
    "APIGW.0404": ErrorClass.DENIED,
    "APIGW.0501": ErrorClass.UNSUPPORTED,
    "APIGW.0502": ErrorClass.UNSUPPORTED,
    "APIGW.0601": ErrorClass.TRANSIENT,
    "APIGW.0602": ErrorClass.INVALID,
    "APIGW.0605": ErrorClass.TRANSIENT,
    "APIGW.0606": ErrorClass.TRANSIENT,
    "APIGW.0607": ErrorClass.INVALID,
    "APIGW.0608": ErrorClass.TRANSIENT,
    "APIGW.0609": ErrorClass.TRANSIENT,
    "APIGW.0610": ErrorClass.TRANSIENT,
    "APIGW.0611": ErrorClass.TRANSIENT,
    "APIGW.0612": ErrorClass.TRANSIENT,
    "APIGW.0613": ErrorClass.TRANSIENT,
    "APIGW.0705": ErrorClass.TRANSIENT,
    "APIGW.0801": ErrorClass.DENIED,
    "APIGW.0802": ErrorClass.DENIED,
}


# Where the code is unknown or missing, the status speaks. Without one of the service's codes a 404 says that nobody
# serves this path (a proxy, a wrong region), not that a channel is gone.
_STATUSES: Mapping[int, ErrorClass] = {
    401: ErrorClass.DENIED,
    403: ErrorClass.DENIED,
    404: ErrorClass.UNSUPPORTED,
    405: ErrorClass.UNSUPPORTED,
    407: ErrorClass.DENIED,
    408: ErrorClass.TRANSIENT,
    425: ErrorClass.TRANSIENT,
    429: ErrorClass.THROTTLED,
}


def classify(status: int, code: str | None) -> ErrorClass:
    """The class of a failed answer; `code` is None when the body is in neither of the service's two shapes."""
    if code is not None and code in ERROR_CODES:
        return ERROR_CODES[code]
    if status == 404 and code is not None and (code == "" or code.startswith("LIVE.")):
        return ErrorClass.NOT_FOUND
    refused = ErrorClass.INVALID if 400 <= status < 500 else ErrorClass.TRANSIENT
    return _STATUSES.get(status, refused)
