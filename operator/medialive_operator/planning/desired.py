"""From what the user wrote to what the API understands: spec → wire blocks, section by section.

Called by the reconcile pass before planning. Secrets are handed in by reference; this module never reads one from
anywhere, and hands them on only wrapped. Pure.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import SecretStr

from medialive_operator.contract.sections import LIST_KEYS, SECTIONS, Section
from medialive_operator.planning.channels import WRITTEN_IN_ORDER, DesiredChannel
from medialive_operator.planning.merging import Json, JsonObject
from medialive_operator.resources.ott_channels import OttChannelSpec

# Members of the spec that name a Secret, and the member of the API that takes its value.
_REFERENCES: Mapping[str, str] = {"passphrase_secret_ref": "passphrase", "value_secret_ref": "value"}

# API members whose Kubernetes name differs, because the API's name would mislead.
_RENAMED: Mapping[str, str] = {"origin_region": "region"}


@dataclass(frozen=True)
class SecretUse:
    """A key of a Secret that a section refers to."""

    section: Section
    name: str
    key: str


def channel_key(spec: OttChannelSpec, name: str) -> dict[str, str]:
    """The identity of the channel: domain, app_name, id (the object's name unless the spec has another)."""
    return {"domain": spec.domain, "app_name": spec.app_name, "id": spec.channel_id or name}


def secret_uses(spec: OttChannelSpec) -> tuple[SecretUse, ...]:
    """Every Secret the channel's blocks refer to."""
    return tuple(
        SecretUse(section, reference["name"], reference["key"])
        for section, block in _spec_blocks(spec).items()
        for reference in _references(block)
    )


def desired_channel(
    spec: OttChannelSpec, name: str, secrets: Mapping[SecretUse, SecretStr], missing: Mapping[SecretUse, str]
) -> DesiredChannel:
    """What the user wants in wire JSON; `secrets` are the readable ones, `missing` the others with the reason."""
    blocks = {
        section: _wire(block, {(use.name, use.key): value for use, value in secrets.items() if use.section is section})
        for section, block in _spec_blocks(spec).items()
    }
    fixed = {"mode": spec.mode, "region": spec.origin_region}
    return DesiredChannel(
        key=channel_key(spec, name),
        running=spec.desired_state == "Running",
        blocks=blocks,
        fixed={name: str(value) for name, value in fixed.items() if value is not None},
        unreadable={use.section: why for use, why in missing.items()},
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


def _references(block: Json) -> Iterator[Mapping[str, str]]:
    if isinstance(block, list):
        for item in block:
            yield from _references(item)
    elif isinstance(block, Mapping):
        for name, value in block.items():
            if name in _REFERENCES:
                yield value
            else:
                yield from _references(value)


def _wire(block: Json, secrets: Mapping[tuple[str, str], SecretStr]) -> Json:
    """References become the values they stand for; what cannot be read is left out (and its section not written)."""
    if isinstance(block, list):
        return [_wire(item, secrets) for item in block]
    if not isinstance(block, Mapping):
        return block
    wire: JsonObject = {}
    for name, value in block.items():
        if name not in _REFERENCES:
            wire[_RENAMED.get(name, name)] = _wire(value, secrets)
        elif (secret := secrets.get((value["name"], value["key"]))) is not None:
            wire[_REFERENCES[name]] = secret
    return wire


def _leaves(block: Json, path: str, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(block, SecretStr):
        yield path, block.get_secret_value()
    elif isinstance(block, Mapping):
        for member, value in block.items():
            yield from _leaves(value, f"{path}.{member}", member)
    elif isinstance(block, list):
        key = LIST_KEYS.get(name)
        for index, item in enumerate(block):
            label = item.get(key, index) if key and isinstance(item, Mapping) else index
            yield from _leaves(item, f"{path}[{label}]")
