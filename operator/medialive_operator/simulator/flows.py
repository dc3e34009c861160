"""Flows: create, list, detail, delete, start, stop, and their sources.

Called by the app with checked calls. Outputs are in flow_outputs; what is shown, in flow_views.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from medialive_operator.clock import Clock
from medialive_operator.contract.operations import Operation
from medialive_operator.simulator.calls import Call, Handler
from medialive_operator.simulator.channel_views import with_passphrases
from medialive_operator.simulator.flow_rules import made_source
from medialive_operator.simulator.flow_views import RUNNING, listed_flow, shown_flow, with_health
from medialive_operator.simulator.messages import Answer
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.refusals import EXISTS, NOT_FOUND, Refusal, invalid
from medialive_operator.simulator.store import FlowRecord, Store

STOPPED = "STANDBY"
_ON_THE_WAY = {RUNNING: "STARTING", STOPPED: "STOPPING"}


def found_flow(call: Call, store: Store, options: Options) -> FlowRecord:
    """The flow that the query names. Raises Refusal when there is none."""
    record = store.flows.get((call.project_id, call.query["flow_id"]))
    if record is None:
        raise Refusal(NOT_FOUND, "The flow does not exist", status=options.not_found_status)
    return record


def check_editable(record: FlowRecord, options: Options, now: float) -> None:
    """Raises Refusal when the options forbid changing a started flow."""
    if options.flow_edit_active == "refuse" and record.status_at(now) != STOPPED:
        raise Refusal(options.wrong_state_code, f"the flow is {record.status_at(now)}; stop it before it is changed")


class Flows:
    """The flows of all projects."""

    def __init__(self, store: Store, options: Options, clock: Clock) -> None:
        self._store = store
        self._options = options
        self._clock = clock

    def handlers(self) -> Mapping[Operation, Handler]:
        """Which operation is served by what."""
        return {
            Operation.CREATE_FLOWS: self.create,
            Operation.LIST_FLOWS: self.list_page,
            Operation.SHOW_FLOW_DETAIL: self.detail,
            Operation.DELETE_FLOW: self.delete,
            Operation.MODIFY_FLOW_START: lambda call: self._move(call, RUNNING),
            Operation.MODIFY_FLOW_STOP: lambda call: self._move(call, STOPPED),
            Operation.MODIFY_FLOW_SOURCES: self.change_source,
        }

    def create(self, call: Call) -> Answer:
        """A flow of its own id, stopped, in an envelope. Calling it twice makes two."""
        mine = self._store.flows.of_project(call.project_id)
        if self._options.flow_names == "unique" and any(one.wire["name"] == call.body["name"] for one in mine):
            raise Refusal(EXISTS, "a flow of this name already exists")
        if not call.body["sources"]:
            raise invalid("sources: a flow needs one")
        number = self._store.next_number()
        sources = [made_source(source, number + place) for place, source in enumerate(call.body["sources"])]
        flow_id = hashlib.sha256(f"flow/{call.project_id}/{number}".encode()).hexdigest()[:32]
        record = FlowRecord(number, call.project_id, flow_id, {**call.body, "sources": sources})
        self._store.flows.put(record.key, record)
        return Answer(self._options.flow_created_status, {"flow": self._shown(record, call)})

    def list_page(self, call: Call) -> Answer:
        """A page of flows, without their sources and outputs."""
        records = self._store.flows.of_project(call.project_id, undo_last=call.stale)
        flows = [listed_flow(record, self._clock.time()) for record in records]
        return Answer(200, {"total": len(flows), "flows": call.page(flows)})

    def detail(self, call: Call) -> Answer:
        """One flow, without an envelope."""
        return Answer(200, self._shown(found_flow(call, self._store, self._options), call))

    def delete(self, call: Call) -> Answer:
        """A flow with its outputs."""
        record = found_flow(call, self._store, self._options)
        status = record.status_at(self._clock.time())
        if status != STOPPED and self._options.flow_delete_active == "refuse":
            raise Refusal(self._options.wrong_state_code, f"the flow is {status}; stop it before it is deleted")
        self._store.flows.remove(record.key, record.project_id)
        return Answer(200, {"status": status, "flow_id": record.flow_id})

    def change_source(self, call: Call) -> Answer:
        """Replace the source that the query names."""
        record, name, sent = (
            found_flow(call, self._store, self._options),
            call.query["source_name"],
            call.body["source"],
        )
        now = self._clock.time()
        check_editable(record, self._options, now)
        before = next((source for source in record.wire["sources"] if source["name"] == name), None)
        if before is None:
            raise Refusal(NOT_FOUND, "The source does not exist", status=self._options.not_found_status)
        moved = any(sent[part] != before[part] for part in ("name", "protocol"))
        if moved and self._options.source_rename == "refuse":
            raise invalid("source: name and protocol cannot be changed")
        made = made_source(sent, record.number)
        sources = [made if source is before else source for source in record.wire["sources"]]
        running = record.status_at(now) == RUNNING
        changed = replace(
            record, wire={**record.wire, "sources": sources}, interruptions=record.interruptions + int(running)
        )
        self._store.flows.put(changed.key, changed)
        shown = with_health(made, record.status_at(now), self._options)
        return Answer(
            200,
            {"flow_id": record.flow_id, "source": with_passphrases(shown, self._options.passphrase_on_read)},
        )

    def _move(self, call: Call, wanted: str) -> Answer:
        record, now = found_flow(call, self._store, self._options), self._clock.time()
        present = record.status_at(now)
        aim = record.next_status if record.next_status is not None and now < record.next_at else present
        if aim == wanted:
            if self._options.flow_state_repeat == "refuse":
                raise Refusal(self._options.wrong_state_code, f"the flow is {present} already")
            return Answer(200, {"status": present, "flow_id": record.flow_id})
        stops = int(wanted == STOPPED and present == RUNNING)
        changed = replace(record, status=wanted, next_status=None, interruptions=record.interruptions + stops)
        if self._options.flow_transition_seconds:
            ready = now + self._options.flow_transition_seconds
            changed = replace(changed, status=_ON_THE_WAY[wanted], next_status=wanted, next_at=ready)
        self._store.flows.put(changed.key, changed)
        return Answer(200, {"status": changed.status_at(now), "flow_id": record.flow_id})

    def _shown(self, record: FlowRecord, call: Call) -> dict[str, object]:
        in_clear = call.query.get("data_display") == "true"
        return shown_flow(record, self._clock.time(), self._options, in_clear=in_clear)
