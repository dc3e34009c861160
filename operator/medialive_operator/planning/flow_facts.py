"""All that is known of a flow at one moment, and what follows from it for its streams.

Made by `planning.flows`, read by it and by `planning.flow_ordering`. Pure.
"""

from dataclasses import dataclass

from medialive_operator.contract.flow_units import ACTIVE, STANDBY, LinkKind
from medialive_operator.contract.sections import Disruption
from medialive_operator.planning.comparing import JsonObject
from medialive_operator.planning.flow_journal import FlowJournal
from medialive_operator.planning.flow_values import STATE, DesiredFlow, FlowPolicy, ObservedFlow, link_of
from medialive_operator.planning.merging import redacted
from medialive_operator.planning.steps import Cause, Step


@dataclass(frozen=True)
class Facts:
    """What is known."""

    desired: DesiredFlow
    observed: ObservedFlow
    journal: FlowJournal
    policy: FlowPolicy

    @property
    def corrects(self) -> bool:
        """Drift is corrected at any price; where nothing is written, everything is told that would have to be."""
        return self.policy.correct_on_air or not self.policy.may_write

    @property
    def was_started(self) -> bool:
        """Whether it was us who let it run."""
        return self.journal.applied.get(STATE, {}).get("status") == ACTIVE

    @property
    def stops(self) -> bool:
        """Started, and to be stopped: the user wants it so, or wants drift corrected at any price."""
        unwanted = self.observed.shows(ACTIVE) and not self.desired.running
        return unwanted and (self.was_started or self.corrects)

    @property
    def resumes(self) -> bool:
        """Stopped though we let it run: our stop for changes was cut short, or somebody stopped it."""
        return self.observed.shows(STANDBY) and self.desired.running and self.was_started

    @property
    def protected(self) -> bool:
        """On air at the end as at the beginning: drift is not worth an interruption."""
        return (self.observed.on_air and not self.stops) or self.resumes

    def block(self, unit: str) -> JsonObject | None:
        """A link as the cloud shows it; None when that is not known, or when it is not there."""
        kind, name = link_of(unit)
        links = self.observed.sources if kind is LinkKind.SOURCE else self.observed.outputs
        return (links or {}).get(name)

    def present(self, kind: LinkKind) -> set[str]:
        """Names of the links that the flow has, as far as is known: what was written stands for what was not read."""
        links = self.observed.sources if kind is LinkKind.SOURCE else self.observed.outputs
        return self.journal.names(kind) if links is None else set(links)

    def surplus(self, kind: LinkKind) -> set[str]:
        """Names of links that the flow has and the user does not want.

        Where he says nothing, only outputs that we made count: he has taken them back.
        """
        if kind is LinkKind.SOURCE:
            return self.present(kind) - set(self.desired.sources) if self.desired.sources else set()
        surplus = self.present(kind) - set(self.desired.outputs)
        return surplus if "outputs" in self.desired.stated else surplus & self.journal.names(kind)

    def stands(self, unit: str) -> bool:
        """Whether the link was written as it is wanted, and the cloud was seen to have taken it."""
        same_secret = self.desired.digests.get(unit) == self.journal.digests.get(unit)
        return same_secret and not self.differs(unit) and unit not in self.journal.attempts

    def differs(self, unit: str) -> bool:
        """Whether the user wants something else of the link than what was written last."""
        block: JsonObject = redacted(self.desired.blocks[unit])
        return self.journal.applied.get(unit) != block

    def may_take(self, step: Step) -> bool:
        """Whether a step is worth what it costs: what the user wants is, drift only if nobody is interrupted."""
        harmless = step.disruption is Disruption.NONE and not self.policy.stop_for_edits
        return step.cause is not Cause.DRIFT or self.corrects or not self.protected or harmless
