"""Taking one flow down: stop, then delete, and being sure that it is gone.

Called when an object goes, and for a flow that another one has replaced. Whether it may go is the caller's business.
"""

from functools import partial

from medialive_operator.cloud.budget import Priority
from medialive_operator.cloud.errors import NotFound
from medialive_operator.controller import outcomes
from medialive_operator.controller.account import Account
from medialive_operator.controller.acting import Acting
from medialive_operator.controller.flows.subjects import FlowSubject
from medialive_operator.controller.outcomes import Outcome
from medialive_operator.controller.queueing import After
from medialive_operator.planning.flow_values import ObservedFlow
from medialive_operator.planning.flows import plan_flow_deletion
from medialive_operator.resources.conditions import Reason


async def take_down(
    acting: Acting, subject: FlowSubject, account: Account, flow_id: str, *, only_when_stopped: bool = False
) -> Outcome | None:
    """Stop and delete the flow as far as that can be done now; None when it is gone. Raises CloudError.

    A stop may take its time: what comes after it is done by a later pass.
    """
    entry = (await account.flows.read(flow_id, Priority.STOP)).item
    if entry is None:
        return None
    observed = ObservedFlow(flow_id, str(entry.get("status") or ""))
    plan = plan_flow_deletion(observed, only_when_stopped=only_when_stopped)
    for step in plan.steps:
        try:
            answer = await acting.take(subject, account, step, partial(account.flows.wrote, flow_id))
        except NotFound:
            break
        if step.awaits and str(answer.get("status", "")).upper() != step.awaits:
            break
    if plan.steps and (await account.flows.read(flow_id, Priority.STOP)).item is None:
        return None
    if plan.held and only_when_stopped:
        return outcomes.deletion_held(plan)
    message = "The flow is being taken down and still shows."
    return outcomes.waiting_for_cloud("Deleting", Reason.DELETING, message, After(3.0))
