"""The admin port: the call log, faults, what the service holds, and its clock. For tests and users' scripts.

Made by the app. Nothing here counts as a call of the service, and nothing is checked: it works behind its back.
"""

from collections.abc import Awaitable, Callable, Sequence

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medialive_operator.simulator.accounts import Account
from medialive_operator.simulator.adjustable_clock import AdjustableClock
from medialive_operator.simulator.admin_state import StateAdmin
from medialive_operator.simulator.faults import Fault
from medialive_operator.simulator.gateway import Gateway
from medialive_operator.simulator.messages import JsonObject
from medialive_operator.simulator.store import Store

Endpoint = Callable[[Request], Awaitable[Response]]


def admin_app(store: Store, gateway: Gateway, clock: AdjustableClock, accounts: Sequence[Account]) -> Starlette:
    """The admin port as an ASGI app."""
    admin = _Admin(gateway, clock)
    state = StateAdmin(store, clock, accounts)
    return Starlette(
        routes=[
            Route("/calls", admin.calls, methods=["GET", "DELETE"]),
            Route("/faults", admin.faults, methods=["GET", "POST", "DELETE"]),
            Route("/faults/{id}", admin.fault, methods=["DELETE"]),
            Route("/clock", admin.clock, methods=["GET", "POST"]),
            *state.routes(),
        ],
        exception_handlers={HTTPException: _said, ValidationError: _said, ValueError: _said},
    )


class _Admin:
    def __init__(self, gateway: Gateway, clock: AdjustableClock) -> None:
        self._gateway = gateway
        self._clock = clock

    async def calls(self, request: Request) -> Response:
        """What was called; `operation`, `project_id` and `method` of the query narrow it down."""
        if request.method == "DELETE":
            self._gateway.calls.clear()
            return JSONResponse({})
        wanted = {name: request.query_params.get(name) for name in ("operation", "project_id", "method")}
        return JSONResponse({"calls": self._gateway.calls.shown(**wanted)})

    async def faults(self, request: Request) -> Response:
        """Set, show or take back faults."""
        faults = self._gateway.faults
        if request.method == "POST":
            return JSONResponse({"id": faults.add(Fault.model_validate(await request.json()))}, 201)
        if request.method == "DELETE":
            faults.clear()
        return JSONResponse({"faults": faults.shown()})

    async def fault(self, request: Request) -> Response:
        """Take back one fault."""
        try:
            self._gateway.faults.remove(request.path_params["id"])
        except KeyError:
            raise HTTPException(404, f"there is no fault {request.path_params['id']}") from None
        return JSONResponse({})

    async def clock(self, request: Request) -> Response:
        """Show the clock, set its scale, or move it on."""
        asked = await request.json() if request.method == "POST" else {}
        unknown = set(asked) - {"scale", "step"}
        if unknown or (request.method == "POST" and not asked):
            raise ValueError('send {"scale": times} or {"step": seconds}')
        if "scale" in asked:
            self._clock.run_at(float(asked["scale"]))
        if "step" in asked:
            self._clock.step(float(asked["step"]))
        return JSONResponse({"time": self._clock.time(), "scale": self._clock.scale})


async def _said(_: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code)
    return JSONResponse({"error": _without_input(error)}, 400)


def _without_input(error: Exception) -> str | list[JsonObject]:
    if isinstance(error, ValidationError):
        return [
            {"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors(include_url=False)
        ]
    return str(error)
