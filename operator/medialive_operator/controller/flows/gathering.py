"""Gathering what the user wants of a flow: the spec in wire terms, and the Secrets it refers to.

Called by the pass over a flow before planning. Reads Secrets, writes nothing; secrets leave it only wrapped.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from medialive_operator.cluster.watched_secrets import SecretUnreadable
from medialive_operator.controller import outcomes
from medialive_operator.controller.digests import Digest, digest, version_of
from medialive_operator.controller.flows.subjects import FlowSubject
from medialive_operator.controller.outcomes import Verdict
from medialive_operator.controller.secret_keys import SecretKeys
from medialive_operator.planning.flow_desired import FlowSecretUse, desired_flow, flow_secret_uses
from medialive_operator.planning.flow_values import DesiredFlow
from medialive_operator.resources.stream_connect_flows import StreamConnectFlowSpec


@dataclass(frozen=True)
class WantedFlow:
    """What the user wants, with the secrets it needs: in wire terms, and by which digests they are compared."""

    flow: DesiredFlow
    digests: Mapping[str, Digest]
    references: Verdict


class FlowGathering:
    """Gathers for one object at a time."""

    def __init__(self, secret_keys: SecretKeys) -> None:
        self._secret_keys = secret_keys

    async def wanted(self, subject: FlowSubject, spec: StreamConnectFlowSpec, region: str) -> WantedFlow:
        """The spec in wire terms, with the values of the Secrets it refers to and their digests."""
        found: dict[FlowSecretUse, SecretStr] = {}
        versions: dict[str, str] = {}
        missing: dict[FlowSecretUse, str] = {}
        uses = flow_secret_uses(spec)
        for use in uses:
            try:
                found[use], version = await self._secret_keys.value(subject, use.name, use.key)
            except SecretUnreadable as problem:
                missing[use] = str(problem)
            else:
                versions[use.unit] = version_of([version, f"{use.name}/{use.key}"])
        self._secret_keys.keep(subject, {use.name for use in uses})
        desired = desired_flow(spec, subject.key.name, region, found, missing)
        known = subject.status.digests()
        digests = {
            use.unit: await digest(subject.uid, use.unit, value, versions[use.unit], known)
            for use, value in found.items()
            if use.unit not in desired.unreadable
        }
        told = desired.with_digests({unit: made.hash for unit, made in digests.items()})
        return WantedFlow(told, digests, outcomes.references(desired.unreadable.values()))
