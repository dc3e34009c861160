"""Gathering what the user wants: the spec in wire terms, and the Secrets it refers to.

Called by the pass over a channel before planning. Reads Secrets, writes nothing; secrets leave it only wrapped.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from medialive_operator.cluster.watched_secrets import SecretUnreadable
from medialive_operator.contract.sections import Section
from medialive_operator.controller import outcomes
from medialive_operator.controller.digests import Digest, digest
from medialive_operator.controller.outcomes import Verdict
from medialive_operator.controller.secret_keys import SecretKeys
from medialive_operator.controller.subjects import Subject
from medialive_operator.planning.channels import DesiredChannel
from medialive_operator.planning.desired import (
    SecretUse,
    desired_channel,
    secret_places,
    secret_uses,
    secrets_of,
    with_digests,
)
from medialive_operator.resources.ott_channels import OttChannelSpec


@dataclass(frozen=True)
class Wanted:
    """What the user wants, with the secrets it needs: in wire terms, and by which digests they are compared."""

    channel: DesiredChannel
    digests: Mapping[Section, Digest]
    references: Verdict


class Gathering:
    """Gathers for one object at a time."""

    def __init__(self, secret_keys: SecretKeys) -> None:
        self._secret_keys = secret_keys

    async def wanted(self, subject: Subject, spec: OttChannelSpec) -> Wanted:
        """The spec in wire terms, with the values of the Secrets it refers to and their digests."""
        found: dict[SecretUse, SecretStr] = {}
        missing: dict[SecretUse, str] = {}
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
        desired = desired_channel(spec, subject.key.name, found, missing)
        digests = await self._digests(subject, desired, versions)
        told = with_digests(desired, {section: made.hash for section, made in digests.items()})
        return Wanted(told, digests, outcomes.references(missing.values()))

    async def _digests(
        self, subject: Subject, desired: DesiredChannel, versions: Mapping[Section, list[str]]
    ) -> dict[Section, Digest]:
        known = subject.status.digests()
        made: dict[Section, Digest] = {}
        for section, block in desired.blocks.items():
            secret = secrets_of(block)
            if secret is not None and section not in desired.unreadable:
                version = " ".join(sorted(set(versions.get(section, []))))
                made[section] = await digest(subject.uid, section, secret, version, known)
        return made
