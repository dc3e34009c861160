"""What an OttChannel's status records beside what all kinds do: the journal by section, and the channel as it is.

Called by the passes over channels only.
"""

import json
from collections.abc import Mapping
from typing import Any

from medialive_operator.contract.sections import Section
from medialive_operator.controller.digests import Digest
from medialive_operator.controller.status import Status, canonical, stamp
from medialive_operator.planning.channels import Attempt, DesiredChannel, Journal, journal_of
from medialive_operator.planning.merging import JsonObject
from medialive_operator.planning.steps import Plan


class ChannelStatus(Status):
    """The working copy of an OttChannel's status. Its units are the sections."""

    def journal(self) -> Journal:
        """What was applied last; after a crash right after the creation, what the creation was meant to apply."""
        intended = (self.created or {}).get("sections", {})
        blocks = {**{name: json.loads(block) for name, block in intended.items()}, **self.applied()}
        attempts = {
            Section(made["section"]): Attempt(made["fingerprint"], made["accepted"])
            for made in self.content.get("attempts", [])
        }
        applied = {Section(name): block for name, block in blocks.items()}
        return Journal(applied, {Section(unit): made.hash for unit, made in self.digests().items()}, attempts)

    def record_section(self, section: Section, desired: DesiredChannel, digests: Mapping[Section, Digest]) -> None:
        """Journal: the section is in the cloud as wanted now."""
        self.record(section, journal_of(desired).applied[section])
        if section not in desired.unreadable:
            self.record_digest(section, digests.get(section))

    def settle(self, plan: Plan, desired: DesiredChannel, digests: Mapping[Section, Digest]) -> None:
        """Journal every section that the cloud has as wanted already."""
        for section in plan.settled:
            self.record_section(Section(section), desired, digests)
            self.settled(section)

    def intend(self, desired: DesiredChannel, digests: Mapping[Section, Digest], now: float) -> None:
        """Record that the channel is about to be created, and with what: written before the POST."""
        started = self.created["startedAt"] if self.created is not None else stamp(now)
        key = desired.key
        self.content["create"] = {
            "startedAt": started,
            "key": {"domain": key["domain"], "appName": key["app_name"], "id": key["id"]},
            "sections": _blocks(desired),
        }
        for section, made in digests.items():
            self.record_digest(section, made)

    def adopt(self, desired: DesiredChannel) -> None:
        """An existing channel becomes ours as it is: what differs now is drift, not a change to be written.

        Its state was not our doing: a channel that is off is made as wanted before we start it for the first time.
        """
        self.content["adopted"] = True
        self.content["lastApplied"] = {name: block for name, block in _blocks(desired).items() if name != Section.STATE}

    @property
    def signals(self) -> JsonObject | None:
        """The figures of SCTE-35 signals."""
        figures: JsonObject | None = self.content.get("statistics", {}).get("scte35")
        return figures

    def show_signals(self, figures: JsonObject | None) -> None:
        """The figures of SCTE-35 signals; None when nobody wants them."""
        statistics = self.content.get("statistics", {})
        others = {name: value for name, value in statistics.items() if name != "scte35"}
        self.set("statistics", {**others, "scte35": figures} if figures else others)

    def show(self, observed: JsonObject | None) -> None:
        """What the cloud says, for people. Never a secret."""
        self.set("channel", None if observed is None else _facts(observed))


def _blocks(desired: DesiredChannel) -> dict[str, str]:
    return {str(section): canonical(block) for section, block in journal_of(desired).applied.items()}


def _facts(observed: JsonObject) -> JsonObject:
    inputs = observed.get("input") or {}
    sources = [
        {name: source[name] for name in ("url", "bitrate", "width", "height") if source.get(name) is not None}
        for source in [*(inputs.get("sources") or []), *(inputs.get("secondary_sources") or [])]
    ]
    facts = {
        "domain": observed.get("domain"),
        "appName": observed.get("app_name"),
        "id": observed.get("id"),
        "name": observed.get("name"),
        "state": observed.get("state"),
        "mode": observed.get("mode"),
        "inputProtocol": inputs.get("input_protocol"),
        "sources": sources,
        "playbackUrls": playback_urls(observed),
    }
    return {name: value for name, value in facts.items() if value not in (None, [])}


def playback_urls(channel: Mapping[str, Any]) -> list[str]:
    """Every playback URL of a channel in wire JSON."""
    return [
        package["url"]
        for group in channel.get("endpoints") or []
        for kind in ("hls_package", "dash_package", "mss_package")
        for package in group.get(kind) or []
        if package.get("url")
    ]
