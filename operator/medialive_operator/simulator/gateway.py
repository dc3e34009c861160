"""From a request to its answer, in the order of a gateway before a service.

Route, injected fault, credentials, throttle, contract, rule. Called by the app for each request; it must not know
what the operations do.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from medialive_operator.clock import Clock
from medialive_operator.contract.operations import Operation
from medialive_operator.simulator.authentication import Authentication
from medialive_operator.simulator.call_log import CallLog, LoggedCall
from medialive_operator.simulator.calls import Call, Handler
from medialive_operator.simulator.contract import Contract, Route
from medialive_operator.simulator.fault_answers import NoAnswer, fault_answer
from medialive_operator.simulator.faults import Fault, Faults
from medialive_operator.simulator.identity import IamRefusalError, Identity
from medialive_operator.simulator.messages import Answer, JsonObject, Message, message_of
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.redaction import redacted
from medialive_operator.simulator.refusals import NO_SUCH_API, Family, Refusal, refused
from medialive_operator.simulator.throttling import Throttle


@dataclass(frozen=True)
class _Exchange:
    """A request on its way: what it is for, and what is known of it."""

    message: Message
    operation: str | None
    route: Route | None
    body: Any
    request_id: str

    @property
    def project_id(self) -> str | None:
        return self.route.project_id if self.route else None

    @property
    def key(self) -> Mapping[str, object]:
        """Where an answer finds the channel that was meant."""
        return self.body if isinstance(self.body, dict) else dict(self.message.query)


@dataclass(frozen=True)
class Checks:
    """What stands before the rules."""

    identity: Identity
    contract: Contract
    authentication: Authentication
    throttle: Throttle


class Gateway:
    """Serves requests by the handlers of the operations."""

    def __init__(self, checks: Checks, handlers: Mapping[Operation, Handler], options: Options, clock: Clock) -> None:
        self.faults = Faults()
        self.calls = CallLog()
        self._checks = checks
        self._handlers = handlers
        self._options = options
        self._clock = clock

    async def serve(self, request: Request) -> Response:
        """Answer a request, and log it."""
        exchange = self._exchange(await message_of(request))
        logged = self._logged(exchange)
        fault = self.faults.take(exchange.operation, exchange.project_id) if exchange.operation else None
        answer = await self._outcome(exchange, fault)
        if answer is None:
            return NoAnswer()
        logged.status, logged.code = answer.status, answer.code
        return _response(answer, exchange)

    def _exchange(self, message: Message) -> _Exchange:
        iam = self._checks.identity.route(message)
        route = None if iam else self._checks.contract.route(message)
        operation = iam[0] if iam else route.operation.value if route else None
        return _Exchange(message, operation, route, _parsed(message.body), uuid.uuid4().hex)

    def _logged(self, exchange: _Exchange) -> LoggedCall:
        message = exchange.message
        call = LoggedCall(
            at=self._clock.time(),
            project_id=exchange.project_id,
            operation=exchange.operation,
            method=message.method,
            path=message.path,
            query=dict(message.query),
            request_id=exchange.request_id,
            body=redacted(exchange.body),
        )
        self.calls.add(call)
        return call

    async def _outcome(self, exchange: _Exchange, fault: Fault | None) -> Answer | None:
        """The answer; None when the connection is to be dropped."""
        try:
            with self._checks.throttle.open_call(exchange.project_id):
                delay = self._options.latency + (fault.delay if fault else 0)
                if delay:
                    await self._clock.sleep(delay)
                return self._answer_or_fault(exchange, fault)
        except Refusal as refusal:
            return self._refused(refusal, exchange)

    def _answer_or_fault(self, exchange: _Exchange, fault: Fault | None) -> Answer | None:
        if fault is None:
            return self._answer(exchange, None)
        if fault.drop == "before":
            return None
        answer = None if fault.replaces_answer and not fault.effect else self._answer(exchange, fault)
        if fault.drop == "after":
            return None
        if not fault.replaces_answer:
            return answer
        shape = self._has_result_shape(exchange.route)
        return fault_answer(fault, result_shape=shape, key=exchange.key, request_id=exchange.request_id)

    def _answer(self, exchange: _Exchange, fault: Fault | None) -> Answer:
        iam = self._checks.identity.route(exchange.message)
        try:
            if iam:
                return iam[1](exchange.message)
            return self._admitted(exchange, fault)
        except IamRefusalError as refusal:
            return refusal.answer
        except Refusal as refusal:
            return self._refused(refusal, exchange)

    def _admitted(self, exchange: _Exchange, fault: Fault | None) -> Answer:
        """What the rules say, once the call has passed the checks."""
        route = exchange.route
        if route is None:
            raise Refusal(NO_SUCH_API, "The API does not exist or has not been published in the environment.")
        account = self._checks.authentication.owner(exchange.message, route.project_id)
        self._checks.throttle.admit(route)
        self._checks.contract.check(exchange.message)
        call = Call(
            account,
            route.project_id,
            dict(exchange.message.query),
            exchange.body,
            exchange.request_id,
            stale=fault is not None and fault.stale,
            torn=fault is not None and fault.torn,
        )
        return self._handlers[route.operation](call)

    def _refused(self, refusal: Refusal, exchange: _Exchange) -> Answer:
        shape = self._has_result_shape(exchange.route)
        return refused(refusal, result_shape=shape, key=exchange.key, request_id=exchange.request_id)

    def _has_result_shape(self, route: Route | None) -> bool:
        return route is not None and route.family is Family.OTT and self._options.ott_error_shape == "result"


def _response(answer: Answer, exchange: _Exchange) -> Response:
    trace = {"X-Request-Id": exchange.request_id}
    if exchange.route is None:
        trace["X-IAM-Trace-Id"] = exchange.request_id
    headers = {**answer.headers, **trace}
    if answer.raw is not None:
        return Response(answer.raw, answer.status, headers)
    return JSONResponse(answer.body, answer.status, headers)


def _parsed(body: bytes) -> JsonObject | list[Any] | str | None:
    """The JSON body; None when there is none, and for what is not JSON: the contract's check says so."""
    try:
        parsed: JsonObject | list[Any] | str | None = json.loads(body) if body else None
    except ValueError:
        return None
    return parsed
