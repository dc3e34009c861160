"""A flow as far as it is known: its entry in the list, and what was read of its sources and outputs.

Called by the passes over flows.
"""

from medialive_operator.cloud.budget import Priority
from medialive_operator.cloud.flow_readings import named
from medialive_operator.contract.operations import Operation
from medialive_operator.controller.account import Account
from medialive_operator.planning.flow_values import DETAIL, ObservedFlow, link_of
from medialive_operator.planning.merging import JsonObject
from medialive_operator.planning.steps import Step


async def observe(account: Account, flow_id: str) -> ObservedFlow | None:
    """The flow as the list has it, with what was read of it before. Raises CloudError."""
    seen = await account.flows.observe(flow_id)
    if seen.item is None:
        return None
    reading = account.readings.get(flow_id)
    return ObservedFlow(
        flow_id=flow_id,
        status=str(seen.item.get("status") or ""),
        name=str(seen.item.get("name") or ""),
        region=str(seen.item.get("region") or ""),
        sources=None if reading is None else dict(reading.sources),
        outputs=None if reading is None else dict(reading.outputs),
    )


async def read(account: Account, flow_id: str, reads: frozenset[str]) -> None:
    """Read the parts that a plan asks for. Raises CloudError."""
    if DETAIL in reads:
        await account.readings.read_flow(flow_id, Priority.FIRST_OBSERVATION)
    for unit in sorted(reads - {DETAIL}):
        await account.readings.read_output(flow_id, link_of(unit)[1], Priority.FIRST_OBSERVATION)


def created(account: Account, flow_id: str, answer: JsonObject) -> None:
    """A flow was created: the answer shows it in full."""
    account.readings.begin(flow_id, named(answer.get("sources")))
    if answer.get("status"):
        account.flows.told(flow_id, {name: answer.get(name) for name in ("flow_id", "name", "region", "status")})


class Answers:
    """Takes what the service answers to the writes of a plan for read: it shows what the write has made of the flow."""

    def __init__(self, account: Account, flow: ObservedFlow) -> None:
        self._account = account
        self._flow_id = flow.flow_id
        self._entry = {"flow_id": flow.flow_id, "name": flow.name, "region": flow.region, "status": flow.status}

    def take(self, step: Step, answer: JsonObject) -> None:
        """The answer to one step. Where it says nothing, what was read is not known any more."""
        if step.operation in (Operation.MODIFY_FLOW_START, Operation.MODIFY_FLOW_STOP):
            self._entry["status"] = str(answer.get("status") or "")
            self._account.readings.stir(self._flow_id)
        else:
            self._take_links(step, answer)
        if self._entry["status"]:
            self._account.flows.told(self._flow_id, dict(self._entry))

    def _take_links(self, step: Step, answer: JsonObject) -> None:
        readings = self._account.readings
        if step.operation is Operation.DELETE_FLOW_OUTPUT:
            readings.drop_output(self._flow_id, step.query["output_name"])
            return
        sources = named([answer.get("source")])
        outputs = named(answer.get("outputs")) or named([answer])
        if sources or outputs:
            readings.learn(self._flow_id, sources=sources, outputs=outputs)
        else:
            readings.doubt(self._flow_id)
