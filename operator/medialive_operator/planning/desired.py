"""From what the user wrote to what the API understands: spec → wire blocks, section by section.

Called by the reconcile pass before planning. Secrets are handed in by reference; this module never reads one from
anywhere, and hands them on only wrapped. Pure.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from medialive_operator.contract.sections import ORDERED, SECTIONS, Section
from medialive_operator.planning.channels import WRITTEN_IN_ORDER, DesiredChannel
from medialive_operator.planning.comparing import Json, JsonObject, label
from medialive_operator.planning.merging import UNREADABLE
from medialive_operator.resources.ott_channels import OttChannelSpec

# Members of the spec that refer to something, and the member of the API that takes what is found there: keys of
# Secrets, and the address of an output of a StreamConnectFlow.
_SECRETS: Mapping[str, str] = {"passphrase_secret_ref": "passphrase", "value_secret_ref": "value"}
_FLOW = "flow_ref"
_REFERENCES: Mapping[str, str] = {**_SECRETS, _FLOW: "url"}


@dataclass(frozen=True)
class SecretUse:
    """A key of a Secret that a section refers to."""

    section: Section
    name: str
    key: str

    @property
    def told(self) -> str:
        """The key for people."""
        return f"Key {self.key} of Secret {self.name}"


@dataclass(frozen=True)
class FlowUse:
    """An output of a StreamConnectFlow that a source follows."""

    name: str
    output: str

    @property
    def told(self) -> str:
        """The output for people."""
        return f"The address of output {self.output} of StreamConnectFlow {self.name}"


@dataclass(frozen=True)
class Resolved:
    """What was found of all that a spec refers to, and why the rest was not.

    `secrets` and `addresses` are what could be read, `missing` the others with the reason.
    """

    secrets: Mapping[SecretUse, SecretStr] = field(default_factory=dict)
    addresses: Mapping[FlowUse, str] = field(default_factory=dict)
    missing: Mapping[SecretUse | FlowUse, str] = field(default_factory=dict)


def flow_uses(spec: OttChannelSpec) -> tuple[FlowUse, ...]:
    """Every output of a flow that a source follows, each once."""
    found = (
        FlowUse(value["name"], value["output"])
        for block in _spec_blocks(spec).values()
        for name, value in _members(block)
        if name == _FLOW
    )
    return tuple(dict.fromkeys(found))


def channel_key(spec: OttChannelSpec, name: str) -> dict[str, str]:
    """The identity of the channel: domain, app_name, id (the object's name unless the spec has another)."""
    return {"domain": spec.domain, "app_name": spec.app_name, "id": spec.channel_id or name}


def secret_uses(spec: OttChannelSpec) -> tuple[SecretUse, ...]:
    """Every Secret the channel's blocks refer to, each once, in the order of the blocks."""
    uses = (
        SecretUse(section, value["name"], value["key"])
        for section, block in _spec_blocks(spec).items()
        for name, value in _members(block)
        if name in _SECRETS
    )
    return tuple(dict.fromkeys(uses))


def secret_places(spec: OttChannelSpec) -> dict[Section, str]:
    """Section → which key of which Secret stands where, as a short text for each section that refers to one.

    Another text means other secrets, though no Secret has changed: a digest is good for one text and one version of
    the Secrets.
    """
    found = {section: sorted(_uses(block, "")) for section, block in _spec_blocks(spec).items()}
    return {
        section: hashlib.sha256(json.dumps(uses).encode()).hexdigest()[:12] for section, uses in found.items() if uses
    }


def desired_channel(spec: OttChannelSpec, name: str, resolved: Resolved) -> DesiredChannel:
    """What the user wants in wire JSON, with what was found of all it refers to."""
    blocks = _spec_blocks(spec)
    fixed = {"mode": spec.mode, "region": spec.origin_region}
    return DesiredChannel(
        key=channel_key(spec, name),
        running=spec.desired_state == "Running",
        blocks={section: _wire(block, section, resolved) for section, block in blocks.items()},
        fixed={name: str(value) for name, value in fixed.items() if value is not None},
        unreadable=_unreadable(blocks, resolved),
    )


def with_digests(desired: DesiredChannel, digests: Mapping[Section, str]) -> DesiredChannel:
    """The same with the digests of its secrets, by which they are compared."""
    return replace(desired, digests=dict(digests))


def secrets_of(block: JsonObject) -> SecretStr | None:
    """All secrets of a block as one text to be digested; the order of named items does not matter. None: no secret."""
    found = sorted(_leaves(block, ""))
    return SecretStr(json.dumps(found)) if found else None


def _spec_blocks(spec: OttChannelSpec) -> dict[Section, JsonObject]:
    written = spec.model_dump(mode="json", by_alias=False, exclude_none=True)
    return {
        section: {name: written[name] for name in SECTIONS[section].fields if name in written}
        for section in WRITTEN_IN_ORDER
    }


def _members(block: Json) -> Iterator[tuple[str, Json]]:
    """Every member of a block, however deep."""
    if isinstance(block, list):
        for item in block:
            yield from _members(item)
    elif isinstance(block, Mapping):
        for name, value in block.items():
            yield name, value
            yield from _members(value)


def _unreadable(blocks: Mapping[Section, JsonObject], resolved: Resolved) -> dict[Section, str]:
    """Section → all that keeps it from being written: whatever was not found, with a reason or without one."""
    why: dict[Section, list[str]] = {}
    for section, block in blocks.items():
        for name, value in _members(block):
            use = _use(section, name, value)
            if use is not None and _found(use, resolved) is UNREADABLE:
                why.setdefault(section, []).append(resolved.missing.get(use, f"{use.told} was not read yet."))
    return {section: " ".join(dict.fromkeys(reasons)) for section, reasons in why.items()}


def _use(section: Section, name: str, value: Json) -> SecretUse | FlowUse | None:
    """What a member of the spec refers to, if it does."""
    if name in _SECRETS:
        return SecretUse(section, value["name"], value["key"])
    return FlowUse(value["name"], value["output"]) if name == _FLOW else None


def _found(use: SecretUse | FlowUse, resolved: Resolved) -> Json:
    if isinstance(use, SecretUse):
        return resolved.secrets.get(use, UNREADABLE)
    return resolved.addresses.get(use, UNREADABLE)


def _wire(block: Json, section: Section, resolved: Resolved) -> Json:
    """References become the values they stand for; what is not known becomes `UNREADABLE`, which cannot be sent."""
    if isinstance(block, list):
        return [_wire(item, section, resolved) for item in block]
    if not isinstance(block, Mapping):
        return block
    wire: JsonObject = {}
    for name, value in block.items():
        use = _use(section, name, value)
        if use is None:
            wire[name] = _wire(value, section, resolved)
        else:
            wire[_REFERENCES[name]] = _found(use, resolved)
    return wire


def _leaves(block: Json, path: str) -> Iterator[tuple[str, str]]:
    """Path and value of each secret of a wire block."""
    if isinstance(block, SecretStr):
        yield path, block.get_secret_value()
    for member, value in _below(block, path):
        yield from _leaves(value, member)


def _uses(block: Json, path: str) -> Iterator[tuple[str, str]]:
    """Path and Secret of each reference of a block of the spec."""
    for member, value in _below(block, path):
        if member.rpartition(".")[2] in _SECRETS:
            yield member, f"{value['name']}/{value['key']}"
        else:
            yield from _uses(value, member)


def _below(block: Json, path: str) -> Iterator[tuple[str, Json]]:
    """Members and items with their paths. Sources stand by their place: a new address makes it no other secret."""
    if isinstance(block, Mapping):
        for name, value in block.items():
            yield f"{path}.{name}", value
    elif isinstance(block, list):
        name = path.rpartition(".")[2]
        for index, item in enumerate(block):
            named = label(name, item) if name not in ORDERED else None
            yield f"{path}[{named or index}]", item
