"""Gathering what the user wants: the spec in wire terms, and the Secrets it refers to.

Called by the pass over a channel before planning. Reads Secrets, writes nothing; secrets leave it only wrapped.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from medialive_operator.cluster.watched_secrets import SecretUnreadable
from medialive_operator.contract.sections import Section
from medialive_operator.controller import outcomes
from medialive_operator.controller.digests import Digest, digest, version_of
from medialive_operator.controller.outcomes import Verdict
from medialive_operator.controller.references import References
from medialive_operator.controller.secret_keys import SecretKeys
from medialive_operator.controller.subjects import Subject
from medialive_operator.planning.channels import DesiredChannel
from medialive_operator.planning.desired import (
    FlowUse,
    Resolved,
    SecretUse,
    desired_channel,
    flow_uses,
    secret_places,
    secret_uses,
    secrets_of,
    with_digests,
)
from medialive_operator.resources.conditions import Reason
from medialive_operator.resources.ott_channels import OttChannelSpec


@dataclass(frozen=True)
class Wanted:
    """What the user wants, with the secrets it needs: in wire terms, and by which digests they are compared."""

    channel: DesiredChannel
    digests: Mapping[Section, Digest]
    references: Verdict


class Gathering:
    """Gathers for one object at a time."""

    def __init__(self, secret_keys: SecretKeys, references: References) -> None:
        self._secret_keys = secret_keys
        self._references = references

    async def wanted(self, subject: Subject, spec: OttChannelSpec) -> Wanted:
        """The spec in wire terms, with the values of what it refers to, and the digests of its secrets."""
        found: dict[SecretUse, SecretStr] = {}
        missing: dict[SecretUse | FlowUse, str] = {}
        versions: dict[Section, list[str]] = {}
        uses, places = secret_uses(spec), secret_places(spec)
        for use in uses:
            try:
                value, version = await self._secret_keys.value(subject, use.name, use.key)
            except SecretUnreadable as problem:
                missing[use] = str(problem)
            else:
                found[use] = value
                versions.setdefault(use.section, [places[use.section]]).append(version)
        self._secret_keys.keep(subject, {use.name for use in uses})
        waiting = outcomes.references(missing.values())
        addresses = self._addresses(subject, spec, missing)
        if waiting.status == "True":
            flows = [reason for use, reason in missing.items() if isinstance(use, FlowUse)]
            waiting = outcomes.references(flows, Reason.NOT_READY)
        desired = desired_channel(spec, subject.key.name, Resolved(found, addresses, missing))
        digests = await self._digests(subject, desired, versions)
        told = with_digests(desired, {section: made.hash for section, made in digests.items()})
        return Wanted(told, digests, waiting)

    def _addresses(
        self, subject: Subject, spec: OttChannelSpec, missing: dict[SecretUse | FlowUse, str]
    ) -> dict[FlowUse, str]:
        """The addresses of the outputs that are followed; a change of one brings the channel back."""
        found: dict[FlowUse, str] = {}
        for use in flow_uses(spec):
            try:
                address = self._references.address(subject.key, use.name, use.output)
            except KeyError:
                missing[use] = (
                    f"There is no StreamConnectFlow {use.name} in this namespace. Create it, or set url instead."
                )
                continue
            if address is None:
                missing[use] = f"StreamConnectFlow {use.name} has no address for output {use.output} yet."
            else:
                found[use] = address
        return found

    async def _digests(
        self, subject: Subject, desired: DesiredChannel, versions: Mapping[Section, list[str]]
    ) -> dict[Section, Digest]:
        known = subject.status.digests()
        made: dict[Section, Digest] = {}
        for section, block in desired.blocks.items():
            secret = secrets_of(block)
            if secret is not None and section not in desired.unreadable:
                version = version_of(versions.get(section, []))
                made[section] = await digest(subject.uid, section, secret, version, known)
        return made
