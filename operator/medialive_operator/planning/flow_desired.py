"""From what the user wrote to the terms in which a flow is planned.

Called by the passes over flows before planning. Secrets are handed in by reference; this module never reads one from
anywhere, and hands them on only wrapped. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from medialive_operator.contract.flow_units import ENCRYPTION, KEY_TYPE, PASSPHRASE_LENGTH, LinkKind
from medialive_operator.planning.comparing import JsonObject
from medialive_operator.planning.flow_values import DesiredFlow, link_of, unit_of
from medialive_operator.planning.merging import UNREADABLE
from medialive_operator.resources.stream_connect_flows import StreamConnectFlowSpec

_REFERENCE = "passphrase_secret_ref"


@dataclass(frozen=True)
class FlowSecretUse:
    """A key of a Secret that a unit refers to: the one passphrase it can have."""

    unit: str
    name: str
    key: str


def flow_name(spec: StreamConnectFlowSpec, name: str) -> str:
    """The name of the flow: the object's unless the spec has another."""
    return spec.name or name


def flow_secret_uses(spec: StreamConnectFlowSpec) -> tuple[FlowSecretUse, ...]:
    """Every Secret that the flow's links refer to; one for each encrypted link."""
    uses = []
    for unit, block in _spec_blocks(spec).items():
        kind, _ = link_of(unit)
        reference = block.get(ENCRYPTION[kind], {}).get(_REFERENCE)
        if reference is not None:
            uses.append(FlowSecretUse(unit, reference["name"], reference["key"]))
    return tuple(uses)


def desired_flow(
    spec: StreamConnectFlowSpec,
    name: str,
    region: str,
    secrets: Mapping[FlowSecretUse, SecretStr],
    missing: Mapping[FlowSecretUse, str],
) -> DesiredFlow:
    """What the user wants in wire JSON.

    `name` is the object's, `region` the one whose endpoint is called. `secrets` are the readable Secrets, `missing` the
    others with the reason. A passphrase that the service would refuse counts as unreadable; no value is told.
    """
    unusable = {use: why for use, value in secrets.items() if (why := _unusable(use, value)) is not None}
    usable = {use.unit: value for use, value in secrets.items() if use not in unusable}
    blocks = {unit: _wire(unit, block, usable) for unit, block in _spec_blocks(spec).items()}
    said = {"name": spec.name, "region": spec.flow_region, "outputs": spec.outputs}
    return DesiredFlow(
        name=flow_name(spec, name),
        region=spec.flow_region or region,
        running=spec.desired_state == "Running",
        sources=_of_kind(LinkKind.SOURCE, blocks),
        outputs=_of_kind(LinkKind.OUTPUT, blocks),
        unreadable={use.unit: why for use, why in {**missing, **unusable}.items()},
        stated=frozenset(member for member, value in said.items() if value is not None),
    )


def _spec_blocks(spec: StreamConnectFlowSpec) -> dict[str, JsonObject]:
    """Unit → what the spec says of the link, in the API's names."""
    written = spec.model_dump(mode="json", by_alias=False, exclude_none=True, include={"sources", "outputs"})
    return {unit_of(kind, link["name"]): link for kind in LinkKind for link in written.get(f"{kind}s", [])}


def _wire(unit: str, block: JsonObject, secrets: Mapping[str, SecretStr]) -> JsonObject:
    """The reference becomes the value it stands for; what is not known becomes `UNREADABLE`, which cannot be sent."""
    kind, _ = link_of(unit)
    encryption = block.get(ENCRYPTION[kind])
    if encryption is None:
        return block
    others = {name: value for name, value in encryption.items() if name != _REFERENCE}
    passphrase = secrets.get(unit, UNREADABLE)
    return {**block, ENCRYPTION[kind]: {**others, "key_type": KEY_TYPE, "passphrase": passphrase}}


def _of_kind(kind: LinkKind, blocks: Mapping[str, JsonObject]) -> dict[str, JsonObject]:
    found = {link_of(unit): block for unit, block in blocks.items()}
    return {name: block for (of_kind, name), block in found.items() if of_kind is kind}


def _unusable(use: FlowSecretUse, passphrase: SecretStr) -> str | None:
    least, most = PASSPHRASE_LENGTH
    if least <= len(passphrase.get_secret_value()) <= most:
        return None
    return f"Secret {use.name}: key {use.key} is no passphrase for SRT, which has {least} to {most} characters."
