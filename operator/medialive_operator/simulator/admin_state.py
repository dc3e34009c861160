"""The admin port's view of what the service holds, and its hands in it: changes behind the operator's back.

Part of the admin port. Bodies of PATCH are JSON merge patches (RFC 7396). Without `project_id` in the query, the
first project of the first account is meant.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medialive_operator.clock import Clock
from medialive_operator.simulator.accounts import Account
from medialive_operator.simulator.messages import JsonObject
from medialive_operator.simulator.monitoring import scte35_signal
from medialive_operator.simulator.store import ChannelKey, ChannelRecord, FlowRecord, Store

_CHANNEL = "/state/channels/{domain}/{app_name}/{id}"
_FLOW = "/state/flows/{flow_id}"


class StateAdmin:
    """Routes below /state."""

    def __init__(self, store: Store, clock: Clock, accounts: Sequence[Account]) -> None:
        self._store = store
        self._clock = clock
        self._first_project = accounts[0].projects[0].id

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/state", self.show, methods=["GET"]),
            Route("/state", self.clear, methods=["DELETE"]),
            Route(_CHANNEL, self.patch_channel, methods=["PATCH"]),
            Route(_CHANNEL, self.put_channel, methods=["PUT"]),
            Route(_CHANNEL, self.delete_channel, methods=["DELETE"]),
            Route(f"{_CHANNEL}/scte35", self.add_signals, methods=["POST"]),
            Route(_FLOW, self.patch_flow, methods=["PATCH"]),
            Route(_FLOW, self.put_flow, methods=["PUT"]),
            Route(_FLOW, self.delete_flow, methods=["DELETE"]),
            Route(f"{_FLOW}/sources/{{name}}", self.patch_source, methods=["PATCH"]),
            Route(f"{_FLOW}/outputs/{{name}}", self.patch_output, methods=["PATCH"]),
        ]

    async def show(self, _: Request) -> Response:
        """All channels and flows of all projects, as they are stored: passphrases and header values in clear."""
        now = self._clock.time()
        return JSONResponse(
            {
                "channels": [_shown_channel(record, now) for record in self._store.channels.all()],
                "flows": [_shown_flow(record, now) for record in self._store.flows.all()],
            }
        )

    async def clear(self, _: Request) -> Response:
        """Forget everything."""
        self._store.channels.clear()
        self._store.flows.clear()
        return JSONResponse({})

    async def patch_channel(self, request: Request) -> Response:
        """Change a channel; its counters stay."""
        record = self._channel(request)
        changed = replace(record, wire=merged(record.wire, await request.json()))
        if changed.key != record.key:
            raise HTTPException(400, "domain, app_name and id are the channel's address and cannot be patched")
        self._store.channels.put(changed.key, changed)
        return JSONResponse(_shown_channel(changed, self._clock.time()))

    async def put_channel(self, request: Request) -> Response:
        """A foreign channel appears, or takes the place of one."""
        wire = {"state": "OFF", **(await request.json()), **_key_in(request)._asdict()}
        if "input_protocol" not in wire.get("input", {}):
            raise HTTPException(400, "a channel needs input.input_protocol")
        record = ChannelRecord(self._store.next_number(), self._project(request), wire)
        self._store.channels.put(record.key, record)
        return JSONResponse(_shown_channel(record, self._clock.time()), 201)

    async def delete_channel(self, request: Request) -> Response:
        """A channel vanishes, running or not."""
        record = self._channel(request)
        self._store.channels.remove(record.key, record.project_id)
        return JSONResponse({})

    async def add_signals(self, request: Request) -> Response:
        """SCTE-35 signals arrive: one object, or a list of them."""
        record, sent = self._channel(request), await request.json()
        now, first = self._clock.time(), len(record.scte35) + 1
        events = sent if isinstance(sent, list) else [sent]
        signals = [scte35_signal(event, first + place, now) for place, event in enumerate(events)]
        changed = replace(record, scte35=(*record.scte35, *signals))
        self._store.channels.put(changed.key, changed)
        return JSONResponse({"total": len(changed.scte35)}, 201)

    async def patch_flow(self, request: Request) -> Response:
        """Change a flow: name, region, sources, status."""
        record, patch = self._flow(request), await request.json()
        if "status" in patch:
            record = replace(record, status=patch.pop("status"), next_status=None)
        return self._kept(replace(record, wire=merged(record.wire, patch)))

    async def put_flow(self, request: Request) -> Response:
        """A foreign flow appears: name, region, sources, and status and outputs if given."""
        sent = await request.json()
        outputs, status = tuple(sent.pop("outputs", ())), sent.pop("status", "STANDBY")
        missing = [name for name in ("name", "region", "sources") if not sent.get(name)]
        if missing:
            raise HTTPException(400, f"a flow needs {', '.join(missing)}")
        number, flow_id = self._store.next_number(), request.path_params["flow_id"]
        return self._kept(FlowRecord(number, self._project(request), flow_id, sent, outputs, status), 201)

    async def delete_flow(self, request: Request) -> Response:
        """A flow vanishes, running or not."""
        record = self._flow(request)
        self._store.flows.remove(record.key, record.project_id)
        return JSONResponse({})

    async def patch_source(self, request: Request) -> Response:
        """Change one source of a flow, for example its health_status."""
        record, patch = self._flow(request), await request.json()
        sources = _patched(record.wire["sources"], request.path_params["name"], patch)
        return self._kept(replace(record, wire={**record.wire, "sources": sources}))

    async def patch_output(self, request: Request) -> Response:
        """Change one output of a flow, for example its health_status."""
        record, patch = self._flow(request), await request.json()
        return self._kept(replace(record, outputs=tuple(_patched(record.outputs, request.path_params["name"], patch))))

    def _kept(self, record: FlowRecord, status: int = 200) -> Response:
        self._store.flows.put(record.key, record)
        return JSONResponse(_shown_flow(record, self._clock.time()), status)

    def _channel(self, request: Request) -> ChannelRecord:
        record = self._store.channels.get((self._project(request), _key_in(request)))
        if record is None:
            raise HTTPException(404, "there is no such channel in this project")
        return record

    def _flow(self, request: Request) -> FlowRecord:
        record = self._store.flows.get((self._project(request), request.path_params["flow_id"]))
        if record is None:
            raise HTTPException(404, "there is no such flow in this project")
        return record

    def _project(self, request: Request) -> str:
        return request.query_params.get("project_id", self._first_project)


def merged(target: Any, patch: Any) -> Any:
    """A JSON merge patch applied: objects member by member, null removes, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    before = target if isinstance(target, dict) else {}
    kept = {name: value for name, value in before.items() if name not in patch}
    return kept | {name: merged(before.get(name), value) for name, value in patch.items() if value is not None}


def _patched(items: Sequence[JsonObject], name: str, patch: JsonObject) -> list[JsonObject]:
    if all(item["name"] != name for item in items):
        raise HTTPException(404, f"the flow has no {name}")
    return [merged(item, patch) if item["name"] == name else item for item in items]


def _key_in(request: Request) -> ChannelKey:
    return ChannelKey(*(request.path_params[part] for part in ChannelKey._fields))


def _shown_channel(record: ChannelRecord, now: float) -> JsonObject:
    return {
        "project_id": record.project_id,
        "channel": record.wire,
        "interruptions": record.interruptions,
        "starts": record.starts,
        "stops": record.stops,
        "restarting": record.running and now < record.restarting_until,
    }


def _shown_flow(record: FlowRecord, now: float) -> JsonObject:
    return {
        "project_id": record.project_id,
        "flow_id": record.flow_id,
        "flow": {**record.wire, "status": record.status_at(now)},
        "outputs": list(record.outputs),
        "interruptions": record.interruptions,
    }
