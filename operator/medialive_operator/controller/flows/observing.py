"""A flow as far as it is known: its entry in the list, and what was read of its sources and outputs.

Called by the passes over flows.
"""

from medialive_operator.cloud.budget import Priority
from medialive_operator.controller.account import Account
from medialive_operator.planning.flow_values import DETAIL, ObservedFlow, link_of


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
