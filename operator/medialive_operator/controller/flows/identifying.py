"""Which flow is an object's own: the one it has, the one it began to create, one to be taken over, or none yet.

Called at the start of a pass over a flow. Looks only; what it finds is written down by the pass. Deciding by names and
ids is `planning.flow_identity`.
"""

from dataclasses import dataclass

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Priority
from medialive_operator.cluster.objects import Key
from medialive_operator.controller import outcomes
from medialive_operator.controller.account import Account
from medialive_operator.controller.claims import Claims
from medialive_operator.controller.flows.subjects import FlowSubject
from medialive_operator.controller.outcomes import Outcome
from medialive_operator.controller.queueing import After
from medialive_operator.planning.flow_identity import (
    Absent,
    Ambiguous,
    Found,
    Intent,
    ListedFlow,
    Wait,
    identify,
    same_name,
)
from medialive_operator.resources.conditions import Reason

# Two lists that are to prove that a creation took no effect are at least this many seconds apart.
_APART = 30.0
# The inventory wakes the object when it is sure; this is for a sweep that never comes.
_BETWEEN_LISTS = 60.0


@dataclass(frozen=True)
class Ours:
    """This flow is the object's. `news`: it was created by an intent whose end was not known."""

    flow_id: str
    news: bool = False


@dataclass(frozen=True)
class Foreign:
    """The only flow of the name, and not ours: it may be taken over."""

    flow_id: str


@dataclass(frozen=True)
class Nothing:
    """There is none; `preexisting` are others of the name. `lost`: there was one, and somebody deleted it."""

    preexisting: tuple[str, ...] = ()
    lost: bool = False


Identified = Ours | Foreign | Nothing | Outcome


@dataclass
class _Lists:
    """Complete lists that did not show the flow, all of them begun after its creation was called.

    `due`: when the next one that counts may begin, unix seconds; `last`: when the last one began.
    """

    intent: str
    due: float
    count: int = 0
    last: float = 0.0


class Identifying:
    """Looks for one object at a time. Raises CloudError."""

    def __init__(self, claims: Claims, clock: Clock) -> None:
        self._claims = claims
        self._clock = clock
        self._lists: dict[Key, _Lists] = {}

    async def look(self, subject: FlowSubject, account: Account) -> Identified:
        """What the object's flow is, or why nothing may be done."""
        known = subject.flow_id
        if self.is_creating(subject):
            return await self._created(subject, account)
        if known is None:
            return await self._named(subject, account)
        account.flow_followers.follow(subject.key, known)
        seen = await account.flows.observe(known)
        if seen.item is not None:
            return Ours(known) if subject.status.owned else Foreign(known)
        return await self._missing(subject, account, known, misses=seen.misses)

    def is_creating(self, subject: FlowSubject) -> bool:
        """Whether a creation was begun and the new flow is not known yet; maybe one to replace the present flow."""
        intent, known = subject.status.created, subject.status.flow_id
        return intent is not None and (known is None or known in intent.get("preexisting", []))

    async def _created(self, subject: FlowSubject, account: Account) -> Identified:
        intent = subject.status.created or {}
        chosen = subject.raw_spec.get("flowId")
        if chosen is not None:
            return await self._chosen(subject, account, chosen)
        lists = self._lists_of(subject.key, intent["startedAt"])
        if lists.due <= self._clock.time():
            listing = await account.flows.listing(lists.due)
            lists.count, lists.last, lists.due = lists.count + 1, listing.at, listing.at + _APART
        else:
            listing = await account.flows.listing(lists.last)
        preexisting = frozenset(intent.get("preexisting", []))
        wanted = Intent(intent["name"], intent["flowRegion"], preexisting)
        claimed = self._claims.flow_ids(but=subject.key)
        match identify(wanted, _listed(listing.items.values()), claimed, lists_without=lists.count):
            case Found(flow_id):
                del self._lists[subject.key]
                return Ours(flow_id, news=True)
            case Ambiguous(flow_ids):
                return outcomes.conflict(
                    f"The answer to the creation was lost, and now there are several flows named {wanted.name}: "
                    f"{', '.join(flow_ids)}. Set spec.flowId to the right one, and delete the others in the console."
                )
            case Wait():
                message = "The answer to the creation was lost. Whether it took effect shows in the next lists."
                wait = max(0.0, lists.due - self._clock.time())
                return outcomes.waiting_for_cloud("Creating", Reason.CREATING, message, After(wait))
            case Absent():
                del self._lists[subject.key]
                return Nothing(tuple(sorted(preexisting)))

    def _lists_of(self, key: Key, intent: str) -> _Lists:
        """What lists have shown since we know that the answer to this creation is lost."""
        lists = self._lists.get(key)
        if lists is None or lists.intent != intent:
            lists = self._lists[key] = _Lists(intent, due=self._clock.time())
        return lists

    async def _chosen(self, subject: FlowSubject, account: Account, flow_id: str) -> Identified:
        """The user says which of several flows is the one that we created, or which other one to take instead."""
        seen = await account.flows.read(flow_id, Priority.USER_CHANGE)
        if seen.item is None:
            return outcomes.conflict(f"There is no flow {flow_id}. Set spec.flowId to one that exists, or remove it.")
        self._lists.pop(subject.key, None)
        preexisting = (subject.status.created or {}).get("preexisting", [])
        return Foreign(flow_id) if flow_id in preexisting else Ours(flow_id, news=True)

    async def _named(self, subject: FlowSubject, account: Account) -> Identified:
        listing = await account.flows.listing(self._clock.time())
        ids = same_name(subject.flow_name, _listed(listing.items.values()))
        if not ids:
            return Nothing()
        if len(ids) == 1 and not ids & self._claims.flow_ids(but=subject.key):
            return Foreign(next(iter(ids)))
        return outcomes.conflict(
            f"There are flows named {subject.flow_name} already: {', '.join(sorted(ids))}. Set spec.flowId to one of "
            "them to manage it, or spec.name to another name."
        )

    async def _missing(self, subject: FlowSubject, account: Account, flow_id: str, *, misses: int) -> Identified:
        if not subject.status.owned:
            return outcomes.conflict(f"There is no flow {flow_id}. Set spec.flowId to one that exists, or remove it.")
        if misses < 2:
            message = "The flow is missing from the list of flows. Once that is certain it is created again."
            return outcomes.waiting_for_cloud("Missing", Reason.FAILED, message, After(_BETWEEN_LISTS))
        seen = await account.flows.read(flow_id, Priority.FIRST_OBSERVATION)
        if seen.item is not None:
            message = "The list of flows and the flow itself contradict each other."
            return outcomes.waiting_for_cloud("Missing", Reason.FAILED, message, After(1.0))
        listing = await account.flows.listing(self._clock.time())
        others = same_name(subject.flow_name, _listed(listing.items.values())) - {flow_id}
        return Nothing(tuple(sorted(others)), lost=True)


def _listed(items: object) -> list[ListedFlow]:
    found = list(items)  # type: ignore[call-overload]
    return [ListedFlow(item["flow_id"], str(item.get("name") or ""), str(item.get("region") or "")) for item in found]
