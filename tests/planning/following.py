"""What the controller does with a plan, without its I/O: take the steps, journal each, settle what is as wanted."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import Section
from medialive_operator.planning.channels import Attempt, DesiredChannel, Journal, Policy, journal_of, plan_channel
from medialive_operator.planning.steps import Cause, Plan, Step
from tests.planning.cloud_model import CloudModel

CORRECT = Policy(correct_on_air=True)
REPORT = Policy()
OBSERVE = Policy(may_write=False)


@dataclass
class Follower:
    """The one who follows plans for a channel, and remembers in a journal what it did."""

    cloud: CloudModel
    applied: dict[Section, Any] = field(default_factory=dict)
    digests: dict[Section, str] = field(default_factory=dict)
    attempts: dict[Section, Attempt] = field(default_factory=dict)

    @property
    def journal(self) -> Journal:
        return Journal(dict(self.applied), dict(self.digests), dict(self.attempts))

    def plan(self, desired: DesiredChannel, policy: Policy = REPORT) -> Plan:
        """Look, plan, and journal what is as wanted already."""
        plan = plan_channel(desired, self.cloud.read(), self.journal, policy)
        for section in plan.settled:
            self.record(section, desired)
            self.attempts.pop(Section(section), None)
        return plan

    def follow(self, desired: DesiredChannel, policy: Policy = REPORT) -> Plan:
        """One pass: plan and take every step; the plan that was followed."""
        plan = self.plan(desired, policy)
        for step in plan.steps:
            self.take(step, desired)
        return plan

    def attempt(self, desired: DesiredChannel, policy: Policy, refused: Collection[Section]) -> None:
        """One pass in which the service refuses some sections for what they say."""
        steps = list(self.plan(desired, policy).steps)
        plan = Plan(tuple(steps))
        while steps:
            step = steps.pop(0)
            if step.section is not None and step.section in refused:
                self.attempts[Section(step.section)] = Attempt(step.fingerprint, accepted=False)
                steps = list(plan.after_failure(step, refused=True))
            else:
                self.take(step, desired)

    def take(self, step: Step, desired: DesiredChannel, *, journaled: bool = True) -> None:
        """Take one step; a crash may come before it is journaled."""
        self.cloud.take(step)
        if not journaled:
            return
        if step.operation is Operation.CREATE_OTT_CHANNEL_INFO:
            for section in (*desired.blocks, Section.STATE):
                self.record(section, desired)
        elif step.section is not None and step.cause is not Cause.RESTART:
            self.record(step.section, desired)
            if step.fingerprint:
                self.attempts[Section(step.section)] = Attempt(step.fingerprint, accepted=True)

    def record(self, name: str, desired: DesiredChannel) -> None:
        """The section is in the cloud as wanted now."""
        section = Section(name)
        self.applied[section] = journal_of(desired).applied[section]
        self.digests.pop(section, None)
        if section in desired.digests:
            self.digests[section] = desired.digests[section]


def created(desired: DesiredChannel, cloud: CloudModel) -> Follower:
    """A channel that was made as wanted."""
    follower = Follower(cloud)
    follower.follow(desired)
    return follower
