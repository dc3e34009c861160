"""Outputs of flows: add, show, change, remove. Called by the app with checked calls."""

from collections.abc import Mapping
from dataclasses import replace

from medialive_operator.clock import Clock
from medialive_operator.contract.operations import Operation
from medialive_operator.simulator.calls import Call, Handler
from medialive_operator.simulator.flow_rules import check_new_output, made_output
from medialive_operator.simulator.flow_views import shown_output
from medialive_operator.simulator.flows import check_editable, found_flow
from medialive_operator.simulator.messages import Answer, JsonObject
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.refusals import NOT_FOUND, Refusal
from medialive_operator.simulator.store import FlowRecord, Store


class FlowOutputs:
    """The outputs of all flows."""

    def __init__(self, store: Store, options: Options, clock: Clock) -> None:
        self._store = store
        self._options = options
        self._clock = clock

    def handlers(self) -> Mapping[Operation, Handler]:
        """Which operation is served by what."""
        return {
            Operation.CREATE_FLOW_OUTPUT: self.add,
            Operation.SHOW_OUTPUT_INFO: self.show,
            Operation.MODIFY_FLOW_OUTPUT: self.change,
            Operation.DELETE_FLOW_OUTPUT: self.remove,
        }

    def add(self, call: Call) -> Answer:
        """Add a list of outputs; the answer holds all that the flow has."""
        record = self._editable(call)
        outputs = list(record.outputs)
        try:
            for output in call.body:
                check_new_output(output, outputs, self._options)
                outputs.append(made_output(output, self._store.next_number()))
        except Refusal:
            if self._options.outputs_post == "one_by_one":
                self._keep(record, outputs)
            raise
        changed = self._keep(record, outputs)
        shown = [self._shown(changed, output, call) for output in outputs]
        return Answer(self._options.flow_created_status, {"flow_id": record.flow_id, "outputs": shown})

    def show(self, call: Call) -> Answer:
        """All of one output."""
        record = found_flow(call, self._store, self._options)
        return Answer(200, self._shown(record, self._named(record, call), call))

    def change(self, call: Call) -> Answer:
        """Replace (or merge into) one output; name, protocol and listener address stay."""
        record = self._editable(call)
        before = self._named(record, call)
        fixed = (
            ("name", "protocol", "listener_address", "port")
            if before["protocol"] == "srt-listener"
            else ("name", "protocol")
        )
        if self._options.output_put == "partial":
            merged = {**before, **call.body}
        else:
            merged = {**{name: before[name] for name in fixed}, **call.body}
        made = {**made_output(merged, record.number), **{name: before[name] for name in fixed if name != "port"}}
        self._keep(record, [made if output is before else output for output in record.outputs])
        return Answer(200, self._shown(record, made, call))

    def remove(self, call: Call) -> Answer:
        """Delete one output."""
        record = self._editable(call)
        before = self._named(record, call)
        self._keep(record, [output for output in record.outputs if output is not before])
        return Answer(200, {"flow_id": record.flow_id, "output_name": before["name"]})

    def _editable(self, call: Call) -> FlowRecord:
        record = found_flow(call, self._store, self._options)
        check_editable(record, self._options, self._clock.time())
        return record

    def _named(self, record: FlowRecord, call: Call) -> JsonObject:
        for output in record.outputs:
            if output["name"] == call.query["output_name"]:
                return output
        raise Refusal(NOT_FOUND, "The output does not exist", status=self._options.not_found_status)

    def _keep(self, record: FlowRecord, outputs: list[JsonObject]) -> FlowRecord:
        changed = replace(record, outputs=tuple(outputs))
        self._store.flows.put(changed.key, changed)
        return changed

    def _shown(self, record: FlowRecord, output: JsonObject, call: Call) -> JsonObject:
        in_clear = call.query.get("data_display") == "true"
        return shown_output(output, record.status_at(self._clock.time()), self._options, in_clear=in_clear)
