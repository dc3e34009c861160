"""Giving a flow's place to a new one, for what no call of the API changes.

Called by the passes over flows when `plan_flow` says that a plan `replaces`, and until the old flow is gone. Pure.
"""

from dataclasses import replace

from medialive_operator.planning.flow_facts import Facts
from medialive_operator.planning.flow_journal import FlowJournal
from medialive_operator.planning.flow_values import DesiredFlow, FlowPolicy, ObservedFlow
from medialive_operator.planning.flows import misfits, plan_flow, plan_flow_creation, plan_flow_deletion
from medialive_operator.planning.steps import Plan


def plan_replacement(
    desired: DesiredFlow, old: ObservedFlow, new: ObservedFlow | None, journal: FlowJournal, policy: FlowPolicy
) -> Plan:
    """The next steps: make the new flow, give it its outputs, start it; only then stop and delete the old one.

    `new` is the new flow once it has been created, `journal` what was written to it. The query of each call says which
    flow it means: a new one that meanwhile does not fit either is deleted itself, and the next plan makes another. With
    `policy.delete_first` the old one goes first, once it is sure that the new one can be asked for; it is then made
    as any flow that does not exist.
    """
    if new is None:
        plan = plan_flow_creation(desired, policy)
        if plan.steps and policy.delete_first:
            plan = plan_flow_deletion(old, only_when_stopped=False)
        changes = misfits(Facts(desired, old, FlowJournal(), policy))
        return replace(plan, steps=tuple(replace(step, changes=changes) for step in plan.steps), replaces=True)
    plan = plan_flow(desired, new, journal, policy)
    if plan.replaces:
        return replace(plan_flow_deletion(new, only_when_stopped=False), replaces=True)
    if plan.steps or plan.held or plan.reads:
        return replace(plan, replaces=True)
    return replace(plan_flow_deletion(old, only_when_stopped=False), settled=plan.settled, replaces=True)
