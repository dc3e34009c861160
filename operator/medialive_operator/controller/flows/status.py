"""What a StreamConnectFlow's status records beside what all kinds do: the journal by unit, and the flow as it is.

Called by the passes over flows only.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from medialive_operator.cloud.flow_readings import Reading
from medialive_operator.controller.digests import Digest
from medialive_operator.controller.status import Status, canonical, stamp
from medialive_operator.planning.channels import Attempt
from medialive_operator.planning.flow_journal import FlowJournal, flow_journal_of
from medialive_operator.planning.flow_values import DesiredFlow, ObservedFlow
from medialive_operator.planning.merging import JsonObject

_CONNECTED = "CONNECTED"


class FlowStatus(Status):
    """The working copy of a StreamConnectFlow's status. Its units are `source/<name>`, `output/<name>`, `state`."""

    volatile: ClassVar[frozenset[str]] = frozenset({"lastSyncTime", "lastDeepSync"})

    @property
    def flow_id(self) -> str | None:
        """The id of the flow that is ours."""
        return self.content.get("flowId")

    @property
    def retiring(self) -> list[str]:
        """Flows that the present one has replaced, and that are still there."""
        return list(self.content.get("retiring", []))

    def journal(self) -> FlowJournal:
        """What was applied last."""
        attempts = {
            made["section"]: Attempt(made["fingerprint"], made["accepted"]) for made in self.content.get("attempts", [])
        }
        return FlowJournal(self.applied(), {unit: made.hash for unit, made in self.digests().items()}, attempts)

    def write_down(self, units: Mapping[str, JsonObject | None], digests: Mapping[str, Digest]) -> None:
        """Journal: these units are as wanted now; None: there is no such unit any more."""
        for unit, block in units.items():
            if block is None:
                self.forget(unit)
            else:
                self.record(unit, block)
                if unit != "state":
                    self.record_digest(unit, digests.get(unit))

    def intend(self, desired: DesiredFlow, preexisting: list[str], now: float) -> None:
        """Record that the flow is about to be created: written before the POST, since the service makes the id."""
        applied = flow_journal_of(desired).applied
        intent = {
            "startedAt": stamp(now),
            "name": desired.name,
            "flowRegion": desired.region,
            "sections": {unit: canonical(block) for unit, block in applied.items() if unit.startswith("source/")},
        }
        if preexisting:
            intent["preexisting"] = sorted(set(preexisting))
        self.content["create"] = intent

    def found(self, flow_id: str) -> None:
        """The flow that we meant to create is this one, made with what the intent says."""
        self.content["flowId"] = flow_id
        intended = (self.created or {}).get("sections", {})
        self.content["lastApplied"] = {unit: canonical(json.loads(block)) for unit, block in intended.items()}

    def adopt(self, flow_id: str, desired: DesiredFlow) -> None:
        """An existing flow becomes ours as it is: what differs now is drift, not a change to be written."""
        self.content["adopted"] = True
        self.content["flowId"] = flow_id
        self.set("create", None)
        self.content["lastApplied"] = {
            unit: canonical(block) for unit, block in flow_journal_of(desired).applied.items()
        }

    def settle(self, units: Mapping[str, JsonObject | None], digests: Mapping[str, Digest]) -> None:
        """Journal every unit that the cloud has as wanted already."""
        self.write_down(units, digests)
        for unit in units:
            self.settled(unit)

    def retire(self, flow_id: str) -> None:
        """The flow was replaced; it is deleted once the new one does its work. What was written to it says nothing."""
        self.content["retiring"] = sorted({*self.retiring, flow_id})
        for name in ("secretHashes", "attempts"):
            self.content.pop(name, None)

    def retired(self, flow_id: str) -> None:
        """The replaced flow is gone."""
        self.set("retiring", [other for other in self.retiring if other != flow_id])

    def lose(self) -> None:
        """The flow is gone from the cloud: nothing that was known of it is true of the next one."""
        for name in ("flowId", "lastApplied", "secretHashes", "attempts", "create", "adopted"):
            self.content.pop(name, None)

    def show(self, observed: ObservedFlow | None, reading: Reading | None) -> None:
        """What the cloud says, for people. Never a secret."""
        self.set("flowStatus", observed.status if observed is not None else None)
        self.set("name", observed.name if observed is not None else None)
        self.set("flowRegion", observed.region if observed is not None else None)
        if reading is None:
            self._doubt_health()
            return
        sources = [
            _link(block, "source_listener_address", "source_listener_port") for block in reading.sources.values()
        ]
        known = [block for block in reading.outputs.values() if block is not None]
        outputs = [_output(block) for block in known]
        self.set("sources", sources)
        self.set("outputs", outputs)
        self.content["sourceCount"] = len(reading.sources)
        self.content["outputCount"] = len(reading.outputs)
        links = [*sources, *(output for output in outputs if output.get("outputStatus") != "DISABLED")]
        up = sum(link.get("health") == _CONNECTED for link in links)
        self.set("connected", f"{up}/{len(links)}" if any("health" in link for link in links) else None)
        if reading.at is not None:
            self.content["lastDeepSync"] = stamp(reading.at)

    def _doubt_health(self) -> None:
        """The links are as they were read last, but whether they are connected is not known any more."""
        self.content.pop("connected", None)
        for link in [*self.content.get("sources", []), *self.content.get("outputs", [])]:
            link.pop("health", None)

    def links(self) -> dict[str, str]:
        """Health of the links that should be connected, by `source/<name>` or `output/<name>`."""
        return links_of(self.content)


def links_of(status: Mapping[str, Any]) -> dict[str, str]:
    """Health of the links that should be connected, as a flow's status tells it; empty where it is not known."""
    found = {f"source/{each['name']}": each.get("health", "") for each in status.get("sources", [])}
    for each in status.get("outputs", []):
        if each.get("outputStatus") != "DISABLED":
            found[f"output/{each['name']}"] = each.get("health", "")
    return found


def _output(block: Mapping[str, Any]) -> JsonObject:
    listens = block.get("protocol") == "srt-listener"
    link = _link(block, "listener_address" if listens else "destination", "port")
    return {**link, "outputStatus": block["output_status"]} if block.get("output_status") else link


def _link(block: Mapping[str, Any], address: str, port: str) -> JsonObject:
    link = {
        "name": block.get("name"),
        "protocol": block.get("protocol"),
        "address": block.get(address),
        "port": block.get(port),
        "health": block.get("health_status"),
    }
    shown = {name: value for name, value in link.items() if value not in (None, "", 0)}
    if "address" in shown and "port" in shown:
        host = f"[{shown['address']}]" if ":" in shown["address"] else shown["address"]
        shown["url"] = f"srt://{host}:{shown['port']}"
    return shown
