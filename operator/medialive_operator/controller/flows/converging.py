"""Making the cloud show what the spec says: identify, observe, plan, act, for one flow.

Called by the reconcile pass for objects that are not being deleted. Level-based: it starts from what is, not from
what happened, so any crash is followed by just another pass.
"""

from dataclasses import replace
from functools import partial

from pydantic import ValidationError

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Priority
from medialive_operator.cloud.errors import CloudError, Failure, Transient
from medialive_operator.contract.error_codes import ErrorClass
from medialive_operator.contract.operations import Operation
from medialive_operator.controller import outcomes
from medialive_operator.controller.account import Account
from medialive_operator.controller.accounts import Accounts
from medialive_operator.controller.acting import Acting
from medialive_operator.controller.claims import Claims
from medialive_operator.controller.flows.gathering import FlowGathering, WantedFlow
from medialive_operator.controller.flows.health import health
from medialive_operator.controller.flows.identifying import Foreign, Identifying, Nothing, Ours
from medialive_operator.controller.flows.observing import Answers, created, observe, read
from medialive_operator.controller.flows.publishing import Publishing
from medialive_operator.controller.flows.subjects import FlowSubject
from medialive_operator.controller.flows.taking_down import take_down
from medialive_operator.controller.outcomes import Outcome, Shown, Verdict
from medialive_operator.controller.queueing import After
from medialive_operator.controller.saving import Saving
from medialive_operator.planning.flow_journal import settled, taken
from medialive_operator.planning.flow_values import FlowPolicy, ObservedFlow
from medialive_operator.planning.flows import plan_flow, plan_flow_creation, plan_flow_replacement
from medialive_operator.planning.merging import JsonObject
from medialive_operator.planning.steps import Plan, Step
from medialive_operator.resources.conditions import Reason
from medialive_operator.resources.events import EventReason
from medialive_operator.resources.stream_connect_flows import StreamConnectFlowSpec

# Plans in one pass: outputs are added to a flow that was made, and read parts show what differs.
_MOST_ROUNDS = 6
# What was tried and refused, in the journal's list of attempts.
_EDITS, _SECOND = "edits while started", "a second flow"
_STATES = (Operation.MODIFY_FLOW_START, Operation.MODIFY_FLOW_STOP)
_WRONG_STATE = "LIVE.103011022"
_REPLACING = "The flow is being replaced."


class ConvergingFlows:
    """One pass over a flow that is wanted. Raises CredentialsProblem, CloudError, Superseded, Gone, Stale."""

    def __init__(  # noqa: PLR0913 -- the parts of a pass, put together in one place
        self,
        *,
        accounts: Accounts,
        gathering: FlowGathering,
        identifying: Identifying,
        claims: Claims,
        saving: Saving,
        acting: Acting,
        publishing: Publishing,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._gathering = gathering
        self._identifying = identifying
        self._claims = claims
        self._saving = saving
        self._acting = acting
        self._publishing = publishing
        self._clock = clock

    async def outcome(self, subject: FlowSubject) -> Outcome:
        """Do what is to be done now; what came of it."""
        try:
            spec = StreamConnectFlowSpec.model_validate(subject.raw_spec)
        except ValidationError as error:
            return outcomes.invalid_spec(outcomes.explained(error))
        rival = self._claims.owner_before(subject.key)
        if rival is not None:
            return outcomes.conflict(f"{rival} already manages this flow. Delete one of the two objects.")
        account = await self._accounts.of(subject.key, subject.raw_spec)
        if not subject.is_at_home(account):
            return outcomes.wrong_account(subject.status.home, account.address, deleting=False)
        if spec.flow_region is None and account.region is None and spec.flow_id is None:
            return outcomes.invalid_spec("Set spec.flowRegion: neither spec.region nor the Secret names a region.")
        wanted = await self._gathering.wanted(subject, spec, account.region or "")
        return await self._identified(subject, spec, account, wanted)

    async def _identified(
        self, subject: FlowSubject, spec: StreamConnectFlowSpec, account: Account, wanted: WantedFlow
    ) -> Outcome:
        """Find the flow, or make it; then make it what it is to be."""
        manages = spec.management_policy == "Manage"
        match await self._identifying.look(subject, account):
            case Outcome() as refused:
                return replace(refused, references=wanted.references)
            case Ours(flow_id, news):
                if news:
                    self._found(subject, account, flow_id)
            case Foreign(flow_id) if not manages:
                account.flow_followers.follow(subject.key, flow_id)
            case Foreign(flow_id):
                if spec.flow_id is None and spec.adoption_policy == "Never":
                    return outcomes.conflict(
                        f"A flow named {subject.flow_name} exists already ({flow_id}) and was not made by this object. "
                        "Set spec.flowId to it to manage it, or spec.name to another name."
                    )
                await self._adopt(subject, account, wanted, flow_id)
            case Nothing(preexisting, lost):
                if lost:
                    await self._lose(subject)
                plan = plan_flow_creation(wanted.flow, _policy(subject, spec))
                if not plan.steps:
                    return replace(outcomes.not_created(plan), references=wanted.references)
                await self._create(subject, account, wanted, plan, list(preexisting))
                flow_id = subject.status.flow_id or ""
        return await self._converge(subject, spec, account, wanted, flow_id)

    async def _converge(
        self, subject: FlowSubject, spec: StreamConnectFlowSpec, account: Account, wanted: WantedFlow, flow_id: str
    ) -> Outcome:
        if subject.unanswered_request is not None:
            await account.flows.read(flow_id, Priority.USER_CHANGE)
            await account.readings.read_flow(flow_id, Priority.USER_CHANGE)
            subject.status.handled(subject.unanswered_request)
        plan, observed = await self._rounds(subject, spec, account, wanted, flow_id)
        if observed is None:
            return outcomes.waiting_for_cloud("Creating", Reason.CREATING, "The flow does not show yet.", After(2.0))
        if plan.replaces:
            return await self._replace(subject, spec, account, wanted, observed)
        if not plan.steps and not plan.held and subject.status.retiring:
            await self._retire(subject, account)
        told = await self._told(subject, spec, account, wanted, plan, observed)
        if told.reconciling is None and subject.status.retiring:
            later = Verdict("True", Reason.WAITING_FOR_CLOUD, "The flow that was replaced is being taken down.")
            return replace(told, reconciling=later, requeue=told.requeue or After(3.0))
        return told

    async def _rounds(
        self, subject: FlowSubject, spec: StreamConnectFlowSpec, account: Account, wanted: WantedFlow, flow_id: str
    ) -> tuple[Plan, ObservedFlow | None]:
        """Plan, read what the plan needs, take its steps, and plan again, until there is nothing to do."""
        plan, observed = Plan(), None
        for _ in range(_MOST_ROUNDS):
            observed = await observe(account, flow_id)
            if observed is None:
                break
            plan = plan_flow(wanted.flow, observed, subject.status.journal(), _policy(subject, spec))
            if subject.status.owned:
                subject.status.settle(settled(plan, wanted.flow), wanted.digests)
            if plan.reads:
                await read(account, flow_id, plan.reads)
            elif plan.steps and not plan.replaces:
                await self._act(subject, account, wanted, plan, observed)
            else:
                break
        return plan, observed

    async def _act(
        self, subject: FlowSubject, account: Account, wanted: WantedFlow, plan: Plan, observed: ObservedFlow
    ) -> None:
        await self._saving.hold(subject)
        flow_id, answers = observed.flow_id, Answers(account, observed)

        def journal(step: Step, answer: JsonObject) -> None:
            subject.status.write_down(taken(step, wanted.flow, subject.status.journal()), wanted.digests)
            subject.status.attempted(step, accepted=True)
            answers.take(step, answer)

        try:
            await self._acting.carry_out(subject, account, plan, partial(account.flows.wrote, flow_id), journal)
        except CloudError as error:
            account.readings.doubt(flow_id)
            refused = error.code == _WRONG_STATE and error.operation not in _STATES
            if refused and not subject.status.was_refused(_EDITS):
                subject.status.remember_attempt(_EDITS, _EDITS, accepted=False)
                return  # planned again with a stop around the changes
            raise

    async def _create(
        self, subject: FlowSubject, account: Account, wanted: WantedFlow, plan: Plan, preexisting: list[str]
    ) -> None:
        """Intent first, then the POST. What was refused outright was not made, and is not ours."""
        before = subject.status.created
        await self._saving.hold(subject)
        subject.status.at(account.endpoint, account.project_id)
        subject.status.intend(wanted.flow, preexisting, self._clock.time())
        if not subject.status.stalled:  # what was refused before is tried again: it stays stalled until it is taken
            subject.status.apply(outcomes.creating("flow"), self._clock.time())
        await self._saving.status(subject)
        try:
            answer = await self._acting.take(subject, account, plan.steps[0], _nothing)
        except CloudError as error:
            if not error.may_have_taken_effect:
                subject.status.forget_intent() if before is None else subject.status.set("create", before)
            raise
        flow = answer.get("flow") or {}
        flow_id = flow.get("flow_id")
        if not isinstance(flow_id, str):
            problem = "Creating the flow: the answer does not say which id the new flow has."
            raise Transient(problem, Failure(Operation.CREATE_FLOWS, may_have_taken_effect=True))
        self._found(subject, account, flow_id)
        created(account, flow_id, flow)
        subject.status.write_down(taken(plan.steps[0], wanted.flow, subject.status.journal()), wanted.digests)
        await self._saving.status(subject)
        subject.turn.idle()

    def _found(self, subject: FlowSubject, account: Account, flow_id: str) -> None:
        """The flow that was being created is known now; the one it replaces is to go."""
        old = subject.status.flow_id
        subject.status.found(flow_id)
        if old is not None and old != flow_id:
            subject.status.retire(old)
        account.flow_followers.follow(subject.key, flow_id)
        account.flows.wrote(flow_id)

    async def _adopt(self, subject: FlowSubject, account: Account, wanted: WantedFlow, flow_id: str) -> None:
        account.flow_followers.follow(subject.key, flow_id)
        await self._saving.hold(subject)
        subject.status.at(account.endpoint, account.project_id)
        subject.status.adopt(flow_id, wanted.flow)
        await self._saving.status(subject)
        await self._saving.tell(subject, EventReason.ADOPTED, f"Flow {flow_id} existed; it is managed from now on.")

    async def _lose(self, subject: FlowSubject) -> None:
        told = f"Flow {subject.status.flow_id} was deleted in the cloud; it is made again, with another id."
        await self._saving.tell(subject, EventReason.DISAPPEARED, told)
        subject.status.lose()

    async def _replace(
        self,
        subject: FlowSubject,
        spec: StreamConnectFlowSpec,
        account: Account,
        wanted: WantedFlow,
        old: ObservedFlow,
    ) -> Outcome:
        """Make the flow that takes this one's place; where the service has no room for two, delete this one first."""
        plan = plan_flow_replacement(wanted.flow, old, _policy(subject, spec))
        if not plan.steps:
            return replace(outcomes.not_created(plan), references=wanted.references)
        if plan.steps[0].operation is not Operation.CREATE_FLOWS:
            if await take_down(self._acting, subject, account, old.flow_id) is not None:
                return outcomes.waiting_for_cloud("Creating", Reason.CREATING, _REPLACING, After(3.0))
            subject.status.lose()
            return outcomes.waiting_for_cloud("Creating", Reason.CREATING, _REPLACING, After(0.0))
        listing = await account.flows.listing(self._clock.time() - 1.0)
        others = [ident for ident, flow in listing.items.items() if flow.get("name") == wanted.flow.name]
        try:
            await self._create(subject, account, wanted, plan, [*others, old.flow_id])
        except CloudError as error:
            if error.error_class not in (ErrorClass.EXISTS, ErrorClass.SUSPENDED):
                raise
            subject.status.remember_attempt(_SECOND, _SECOND, accepted=False)
        return outcomes.waiting_for_cloud("Creating", Reason.CREATING, _REPLACING, After(0.0))

    async def _retire(self, subject: FlowSubject, account: Account) -> None:
        """The new flow does what is wanted: stop and delete those it has replaced."""
        for flow_id in subject.status.retiring:
            if await take_down(self._acting, subject, account, flow_id) is not None:
                continue  # a later pass goes on
            subject.status.retired(flow_id)
            told = f"Flow {subject.status.flow_id} took the place of {flow_id}, which is gone. Its addresses are new."
            await self._saving.tell(subject, EventReason.REPLACED, told)
            await self._saving.status(subject)

    async def _told(
        self,
        subject: FlowSubject,
        spec: StreamConnectFlowSpec,
        account: Account,
        wanted: WantedFlow,
        plan: Plan,
        observed: ObservedFlow,
    ) -> Outcome:
        """The outcome once everything that may be done is done."""
        before = subject.status.links()
        subject.status.show(observed, account.readings.get(observed.flow_id))
        signal = await health(subject, before, running=observed.on_air, saving=self._saving)
        await self._publishing.publish(subject, spec)
        told = outcomes.as_planned(
            plan,
            Shown("flow", observed.status.upper()),
            wanted_running=wanted.flow.running,
            observe_only=spec.management_policy == "Observe",
        )
        return replace(told, credentials=outcomes.CREDENTIALS_VALID, references=wanted.references, signal=signal)


def _policy(subject: FlowSubject, spec: StreamConnectFlowSpec) -> FlowPolicy:
    return FlowPolicy(
        may_write=spec.management_policy == "Manage",
        correct_on_air=spec.drift_policy == "Correct",
        recreate=spec.recreate_policy == "Recreate",
        stop_for_edits=subject.status.was_refused(_EDITS),
        delete_first=subject.status.was_refused(_SECOND),
    )


def _nothing() -> None: ...
