"""Making the cloud show what the spec says: observe, plan, act, for one channel.

Called by the reconcile pass for objects that are not being deleted. Level-based: it starts from what is, not from
what happened, so any crash is followed by just another pass.
"""

from dataclasses import replace

from pydantic import ValidationError

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Priority
from medialive_operator.cloud.errors import CloudError
from medialive_operator.cloud.inventory import Seen
from medialive_operator.contract.error_codes import ErrorClass
from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import SECTIONS, Section
from medialive_operator.controller import outcomes
from medialive_operator.controller.account import Account
from medialive_operator.controller.accounts import Accounts
from medialive_operator.controller.acting import Acting, priority_of
from medialive_operator.controller.channels.figures import Figures
from medialive_operator.controller.channels.gathering import Gathering, Wanted
from medialive_operator.controller.channels.subjects import ChannelSubject
from medialive_operator.controller.claims import Claims
from medialive_operator.controller.outcomes import Outcome, Shown
from medialive_operator.controller.queueing import After
from medialive_operator.controller.saving import Saving
from medialive_operator.planning.channels import Policy, plan_channel
from medialive_operator.planning.merging import JsonObject
from medialive_operator.planning.steps import Cause, Plan, Step
from medialive_operator.resources.conditions import Reason
from medialive_operator.resources.events import EventReason
from medialive_operator.resources.ott_channels import OttChannelSpec

# The inventory wakes the object when it is sure; this is for a sweep that never comes.
_BETWEEN_LISTS = 60.0


class Converging:
    """One pass over a channel that is wanted. Raises CredentialsProblem, CloudError, Superseded, Gone, Stale."""

    def __init__(  # noqa: PLR0913 -- the parts of a pass, put together in one place
        self,
        *,
        accounts: Accounts,
        gathering: Gathering,
        claims: Claims,
        saving: Saving,
        acting: Acting,
        figures: Figures,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._gathering = gathering
        self._claims = claims
        self._saving = saving
        self._acting = acting
        self._figures = figures
        self._clock = clock

    async def outcome(self, subject: ChannelSubject) -> Outcome:
        """Do what is to be done now; what came of it."""
        try:
            spec = OttChannelSpec.model_validate(subject.raw_spec)
        except ValidationError as error:
            return outcomes.invalid_spec(outcomes.explained(error))
        rival = self._claims.owner_before(subject.key)
        if rival is not None:
            return outcomes.conflict(f"{rival} already manages this channel. Delete one of the two objects.")
        account = await self._accounts.of(subject.key, subject.raw_spec)
        account.channel_followers.follow(subject.key, subject.channel)
        if not subject.is_at_home(account):
            return outcomes.wrong_account(subject.status.home, account.address, deleting=False)
        seen = await self._observe(subject, account)
        refused = self._refusal(subject, spec, seen)
        if refused is not None:
            return refused
        wanted = await self._gathering.wanted(subject, spec)
        return await self._converge(subject, spec, account, wanted, seen.item)

    async def _observe(self, subject: ChannelSubject, account: Account) -> Seen[JsonObject]:
        """What the cloud has. A channel that was there is gone only after two complete lists and a read by key."""
        if subject.unanswered_request is not None:
            seen = await account.channels.read(subject.channel, Priority.USER_CHANGE)
            subject.status.handled(subject.unanswered_request)
            return seen
        seen = await account.channels.observe(subject.channel)
        if seen.item is None and subject.status.owned and not subject.status.applied_once:
            # We meant to create it, and what came of that is not known: ask for it by name.
            return await account.channels.read(subject.channel, Priority.CREATE)
        return seen

    def _refusal(self, subject: ChannelSubject, spec: OttChannelSpec, seen: Seen[JsonObject]) -> Outcome | None:
        """Why nothing may be done about what was seen."""
        status, manages = subject.status, spec.management_policy == "Manage"
        if seen.item is not None and manages and not status.owned and spec.adoption_policy == "Never":
            domain, app, ident = subject.channel
            return outcomes.conflict(
                f"Channel {domain}/{app}/{ident} exists already and was not made by this object. Set "
                "spec.adoptionPolicy to IfExists to manage it, or choose another spec.channelId in a new object."
            )
        taken = self._claims.taken_url(subject.key) if seen.item is None and manages else None
        if taken is not None:
            url, other = taken
            return outcomes.conflict(f"Playback url {url} is used by {other} already. Give this channel another one.")
        return None

    async def _converge(
        self, subject: ChannelSubject, spec: OttChannelSpec, account: Account, wanted: Wanted, item: JsonObject | None
    ) -> Outcome:
        if item is not None and not subject.status.owned and spec.management_policy == "Manage":
            await self._adopt(subject, account, wanted)
        if item is None and subject.status.applied_once and spec.management_policy == "Manage":
            missing = await self._missing(subject, account)
            if missing is not None:
                return missing
        policy = _policy(spec)
        plan = self._plan(subject, wanted, item, policy)
        if plan.steps:
            item = await self._act(subject, account, wanted, plan)
            plan = self._plan(subject, wanted, item, policy)
        subject.status.show(item)
        signal = self._figures.show(subject, spec, account)
        return replace(self._told(subject, spec, wanted, plan, item), signal=signal)

    def _plan(self, subject: ChannelSubject, wanted: Wanted, item: JsonObject | None, policy: Policy) -> Plan:
        plan = plan_channel(wanted.channel, item, subject.status.journal(), policy)
        if subject.status.owned and item is not None:
            subject.status.settle(plan, wanted.channel, wanted.digests)
        return plan

    async def _act(self, subject: ChannelSubject, account: Account, wanted: Wanted, plan: Plan) -> JsonObject | None:
        await self._saving.hold(subject)
        subject.status.at(account.endpoint, account.project_id)
        creates = plan.steps[0].operation is Operation.CREATE_OTT_CHANNEL_INFO
        if creates:
            await self._create(subject, account, wanted, plan)
        else:
            await self._carry_out(subject, account, wanted, plan)
        seen = await account.channels.read(subject.channel, priority_of(plan.steps[-1]))
        return seen.item

    async def _create(self, subject: ChannelSubject, account: Account, wanted: Wanted, plan: Plan) -> None:
        """Intent first, then the POST. What was refused outright was not made, and is not ours."""
        repeated = subject.status.created is not None
        subject.status.intend(wanted.channel, wanted.digests, self._clock.time())
        if not subject.status.stalled:  # what was refused before is tried again: it stays stalled until it is taken
            subject.status.apply(outcomes.creating("channel"), self._clock.time())
        await self._saving.status(subject)
        try:
            await self._carry_out(subject, account, wanted, plan)
        except CloudError as error:
            if error.error_class is ErrorClass.EXISTS and repeated:
                return  # an earlier attempt of ours, whose answer was lost
            if not error.may_have_taken_effect:
                subject.status.forget_intent()
            raise

    async def _carry_out(self, subject: ChannelSubject, account: Account, wanted: Wanted, plan: Plan) -> None:
        def touch() -> None:
            account.channels.wrote(subject.channel)

        def journal(step: Step, _: JsonObject) -> None:
            if step.operation is Operation.CREATE_OTT_CHANNEL_INFO:
                for section in SECTIONS:
                    subject.status.record_section(section, wanted.channel, wanted.digests)
            elif step.section is not None and step.cause is not Cause.RESTART:
                subject.status.record_section(Section(step.section), wanted.channel, wanted.digests)
                subject.status.attempted(step, accepted=True)

        await self._acting.carry_out(subject, account, plan, touch, journal)

    async def _adopt(self, subject: ChannelSubject, account: Account, wanted: Wanted) -> None:
        await self._saving.hold(subject)
        subject.status.at(account.endpoint, account.project_id)
        subject.status.adopt(wanted.channel)
        await self._saving.status(subject)
        await self._saving.tell(subject, EventReason.ADOPTED, "The channel existed; it is managed from now on.")

    async def _missing(self, subject: ChannelSubject, account: Account) -> Outcome | None:
        """Our channel is not in the lists any more: wait until that is certain, then it is created again."""
        seen = await account.channels.observe(subject.channel)
        if seen.item is None and seen.misses < 2:
            message = "The channel is missing from the list of channels. Once that is certain it is created again."
            return outcomes.waiting_for_cloud("Missing", Reason.FAILED, message, After(_BETWEEN_LISTS))
        seen = await account.channels.read(subject.channel, Priority.FIRST_OBSERVATION)
        if seen.item is not None:
            message = "The list of channels and the channel itself contradict each other."
            return outcomes.waiting_for_cloud("Missing", Reason.FAILED, message, After(1.0))
        await self._saving.tell(
            subject, EventReason.DISAPPEARED, "The channel was deleted in the cloud; it is made again."
        )
        return None

    def _told(
        self, subject: ChannelSubject, spec: OttChannelSpec, wanted: Wanted, plan: Plan, item: JsonObject | None
    ) -> Outcome:
        """The outcome once everything that may be done is done."""
        observe_only = spec.management_policy == "Observe"
        if item is None and not observe_only:
            if plan.held:
                return replace(outcomes.not_created(plan), references=wanted.references)
            message = "The channel was created and does not show yet."
            return outcomes.waiting_for_cloud("Creating", Reason.CREATING, message, After(2.0))
        told = outcomes.as_planned(
            plan,
            Shown("channel", None if item is None else str(item.get("state", "")).upper()),
            wanted_running=wanted.channel.running,
            observe_only=observe_only,
        )
        return replace(told, credentials=outcomes.CREDENTIALS_VALID, references=wanted.references)


def _policy(spec: OttChannelSpec) -> Policy:
    return Policy(may_write=spec.management_policy == "Manage", correct_on_air=spec.drift_policy == "Correct")
