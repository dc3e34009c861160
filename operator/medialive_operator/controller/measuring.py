"""Measuring at a scrape: the gauges say what is there now, and nothing of what is gone.

Called by the probes' endpoint before the metrics are served. It reads what the operator holds in memory; it asks
neither the cloud nor the API server.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from medialive_operator.clock import Clock
from medialive_operator.cluster.objects import Key, Object
from medialive_operator.controller.account import Account
from medialive_operator.controller.flows.status import links_of
from medialive_operator.metrics import (
    BUDGET_LIMIT,
    BUDGET_USED,
    BUDGET_WAITING,
    DEEP_READ_AGE,
    DRIFT_SECONDS,
    INVENTORY_AGE,
    LINK_CONNECTED,
    OBJECTS,
    OBJECTS_CONDITION,
    OBJECTS_DRIFTED,
    OBJECTS_RUNNING,
    RUNNING_SECONDS,
)
from medialive_operator.resources.conditions import ConditionType, Reason
from medialive_operator.resources.ott_channels import OTT_CHANNEL
from medialive_operator.resources.stream_connect_flows import STREAM_CONNECT_FLOW

_KINDS = (OTT_CHANNEL.plural, STREAM_CONNECT_FLOW.plural)
_SET_HERE = (
    BUDGET_LIMIT, BUDGET_USED, BUDGET_WAITING, DEEP_READ_AGE, DRIFT_SECONDS, INVENTORY_AGE, LINK_CONNECTED, OBJECTS,
    OBJECTS_CONDITION, OBJECTS_DRIFTED, OBJECTS_RUNNING, RUNNING_SECONDS,
)  # fmt: skip


class Measuring:
    """Sets the gauges about the objects and the accounts in use."""

    def __init__(self, objects: Iterable[tuple[Key, Object]], accounts: Iterable[Account], clock: Clock) -> None:
        self._objects = objects
        self._accounts = accounts
        self._clock = clock

    def measure(self) -> None:
        """Set all of them anew."""
        for gauge in _SET_HERE:
            gauge.clear()
        statuses = [(key, obj.get("status") or {}) for key, obj in self._objects]
        _count(statuses)
        self._measure_drift(statuses)
        self._measure_running(statuses)
        _measure_links(statuses)
        accounts = list(self._accounts)
        _measure_budgets(accounts)
        _measure_inventories(accounts)
        self._measure_readings(accounts)

    def _measure_drift(self, statuses: Iterable[tuple[Key, Mapping[str, Any]]]) -> None:
        since: dict[str, list[float]] = {kind: [] for kind in _KINDS}
        for key, status in statuses:
            since[key.plural] += _since(status, ConditionType.SYNCED, Reason.DRIFT_DETECTED)
        for kind, times in since.items():
            OBJECTS_DRIFTED.labels(kind).set(len(times))
            DRIFT_SECONDS.labels(kind).set(self._clock.time() - min(times) if times else 0.0)

    def _measure_running(self, statuses: Iterable[tuple[Key, Mapping[str, Any]]]) -> None:
        for key, status in statuses:
            for since in _since(status, ConditionType.READY, Reason.RUNNING):
                RUNNING_SECONDS.labels(*key).set(self._clock.time() - since)

    def _measure_readings(self, accounts: Iterable[Account]) -> None:
        oldest: dict[str, float] = {}
        for account in accounts:
            if account.readings.oldest is not None:
                oldest[account.name] = min(account.readings.oldest, oldest.get(account.name, float("inf")))
        for name, at in oldest.items():
            DEEP_READ_AGE.labels(name).set(self._clock.time() - at)


def _measure_budgets(accounts: Iterable[Account]) -> None:
    for account in accounts:
        BUDGET_USED.labels(account.name).set(account.budget.used)
        BUDGET_LIMIT.labels(account.name).set(account.budget.limit)
        for priority, count in account.budget.waiting.items():
            BUDGET_WAITING.labels(account.name, priority.name.lower()).set(count)


def _measure_inventories(accounts: Iterable[Account]) -> None:
    """The worst of those that share a project, and so a name: one with good credentials must not hide another."""
    ages: dict[tuple[str, str], float] = {}
    for account in accounts:
        for inventory, age in (("channels", account.channels.age), ("flows", account.flows.age)):
            if age is not None:
                ages[account.name, inventory] = max(age, ages.get((account.name, inventory), 0.0))
    for labels, age in ages.items():
        INVENTORY_AGE.labels(*labels).set(age)


def _count(statuses: Iterable[tuple[Key, Mapping[str, Any]]]) -> None:
    phases, conditions, running = Counter[tuple[str, ...]](), Counter[tuple[str, ...]](), Counter[str](_none_of_each())
    for key, status in statuses:
        phases[key.plural, status.get("phase") or "New"] += 1
        conditions.update((key.plural, each["type"], each["status"]) for each in status.get("conditions") or [])
        running[key.plural] += _is_running(status)
    for labels, count in phases.items():
        OBJECTS.labels(*labels).set(count)
    for labels, count in conditions.items():
        OBJECTS_CONDITION.labels(*labels).set(count)
    for kind, count in running.items():
        OBJECTS_RUNNING.labels(kind).set(count)


def _measure_links(statuses: Iterable[tuple[Key, Mapping[str, Any]]]) -> None:
    for key, status in statuses:
        for link, health in links_of(status).items():
            if health:
                LINK_CONNECTED.labels(key.namespace, key.name, link).set(health == "CONNECTED")


def _none_of_each() -> dict[str, int]:
    return dict.fromkeys(_KINDS, 0)


def _is_running(status: Mapping[str, Any]) -> bool:
    shown = (status.get("channel") or {}).get("state") or status.get("flowStatus") or ""
    return shown.upper() in ("ON", "ACTIVE")


def _since(status: Mapping[str, Any], kind: ConditionType, reason: Reason) -> Iterator[float]:
    """When the condition came to be as it is, if it is so for this reason."""
    for each in status.get("conditions") or []:
        if (each["type"], each["reason"]) == (kind, reason):
            yield datetime.fromisoformat(each["lastTransitionTime"]).timestamp()
