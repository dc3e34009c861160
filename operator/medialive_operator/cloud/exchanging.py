"""One request and its answer over any transport, with the ways in which none may come told as CloudError.

Called by the client and the token source.
"""

from collections.abc import Mapping

import httpx

from medialive_operator.cloud.answers import Reader
from medialive_operator.cloud.errors import Failure, Transient
from medialive_operator.cloud.network import TooLarge, timeouts

# Nothing was sent when one of these is raised.
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.LocalProtocolError)
# Their own words are left out: a library's error may quote what it was given, headers included.
_EXPLAINED = (httpx.ConnectError, httpx.ProxyError, TooLarge)
_TOLD: Mapping[type[Exception], str] = {
    httpx.ConnectError: "no connection to {host}",
    httpx.ConnectTimeout: "no connection to {host} in time",
    httpx.PoolTimeout: "too many calls to {host} are under way",
    httpx.ProxyError: "the proxy on the way to {host} refused",
    httpx.LocalProtocolError: "the request cannot be sent to {host}",
    httpx.ReadTimeout: "{host} did not answer in time",
    httpx.WriteTimeout: "{host} did not take the request in time",
    httpx.RemoteProtocolError: "{host} closed the connection without a whole answer",
    httpx.ReadError: "the connection to {host} was lost before the answer",
    httpx.WriteError: "the connection to {host} was lost before the answer",
    TooLarge: "the answer of {host} cannot be read",
}


async def exchange(transport: httpx.AsyncBaseTransport, request: httpx.Request, reader: Reader) -> httpx.Response:
    """Send it; raises Transient when there is no answer, and whatever CloudError the transports raise."""
    request.extensions["timeout"] = timeouts()
    try:
        return await transport.handle_async_request(request)
    except (httpx.TransportError, OSError) as error:
        failure = Failure(reader.operation, may_have_taken_effect=not isinstance(error, _NEVER_LEFT))
        told = _TOLD.get(type(error), "the exchange with {host} failed").format(host=request.url.host)
        reason = f" ({reader.redacted(str(error))})" if isinstance(error, _EXPLAINED) else ""
        raise Transient(f"{reader.what}: {told}{reason}", failure) from None
