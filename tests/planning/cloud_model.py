"""A model of the service as far as the planner can see it: small enough to be read, and independent of the planner.

It follows the behaviour notes: a PUT replaces its block, the service fills in defaults and makes package ids and
addresses to push to, a change of a running channel interrupts it. How secrets are read back and how unset members are
shown is not documented; both are switches. Every body is held to the contract.
"""

import copy
import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

import yaml
from jsonschema import Draft202012Validator
from pydantic import SecretStr

from medialive_operator.contract.operations import OPERATIONS, Operation
from medialive_operator.planning.steps import Step

JsonObject = dict[str, Any]

PACKAGES = ("hls_package", "dash_package", "mss_package")

# What each PUT replaces, written down again: the model must not share a mistake with the planner.
CARRIED: Mapping[Operation, tuple[str, ...]] = {
    Operation.MODIFY_OTT_CHANNEL_INFO_INPUT: ("input", "encoder_settings_expand"),
    Operation.MODIFY_OTT_CHANNEL_INFO_ENCODER_SETTINGS: ("encoder_settings",),
    Operation.MODIFY_OTT_CHANNEL_INFO_RECORD_SETTINGS: ("record_settings",),
    Operation.MODIFY_OTT_CHANNEL_INFO_END_POINTS: ("endpoints",),
    Operation.MODIFY_OTT_CHANNEL_INFO_GENERAL: ("name",),
}


@dataclass(frozen=True)
class Habits:
    """What the contract leaves open about a reading."""

    secrets: Literal["echoed", "masked", "absent"] = "masked"
    empties: bool = False  # unset members are shown as null, "", 0 or an empty list
    reordered: bool = False  # named items come in another order than they were sent
    lower_case: bool = False
    regrouped: bool = False  # each kind of package in a group of its own
    extras: bool = False  # members that the contract does not know


class CloudModel:
    """One channel, or none, and how often it was interrupted."""

    def __init__(self, habits: Habits | None = None) -> None:
        self.habits = habits or Habits()
        self.channel: JsonObject | None = None
        self.interruptions = 0
        self.writes = 0
        self._made = 0

    @property
    def on_air(self) -> bool:
        return self.channel is not None and self.channel["state"] == "ON"

    def take(self, step: Step) -> None:
        """Carry out one call. AssertionError when the contract forbids its body."""
        self.writes += 1
        body = opened(step.body)
        hold_to_contract(step.operation, body)
        if step.operation is Operation.CREATE_OTT_CHANNEL_INFO:
            assert self.channel is None, "the channel exists"
            self.channel = {"mode": "ADD_CDN", "name": "", **body}
            self._complete()
        elif step.operation is Operation.DELETE_OTT_CHANNEL_INFO:
            self._delete()
        elif step.operation is Operation.MODIFY_OTT_CHANNEL_INFO_STATS:
            self.switch(body["state"])
        else:
            self.replace({name: body.get(name) for name in CARRIED[step.operation]})

    def switch(self, state: str) -> None:
        """Start or stop, by a call or in the console."""
        assert self.channel is not None
        self.interruptions += self.on_air and state == "OFF"
        self.channel["state"] = state

    def replace(self, blocks: JsonObject) -> None:
        """Replace whole blocks, by a call or in the console."""
        assert self.channel is not None
        self.interruptions += self.on_air
        self.channel.update(copy.deepcopy(blocks))
        self._complete()

    def read(self) -> JsonObject | None:
        """The channel as a query shows it."""
        if self.channel is None:
            return None
        return _shown(copy.deepcopy(self.channel), self.habits)

    def packages(self) -> dict[tuple[str, str], JsonObject]:
        """Kind and URL -> package."""
        channel = self.channel or {}
        return {
            (kind, package["url"]): package
            for group in channel.get("endpoints") or []
            for kind in PACKAGES
            for package in group.get(kind) or []
        }

    def addresses(self) -> list[str]:
        """Where the channel takes its input from or in."""
        inputs = (self.channel or {}).get("input") or {}
        return [source["url"] for source in inputs.get("sources") or []]

    def _delete(self) -> None:
        assert self.channel is not None
        assert not self.on_air, "a channel on air is stopped before it is deleted"
        self.channel = None

    def _complete(self) -> None:
        """Fill in what the user left out, and make what the service makes."""
        assert self.channel is not None
        inputs = self.channel["input"]
        inputs["failover_conditions"] = {
            "input_loss_threshold_msec": 2000,
            "input_preference": "EQUAL",
            **(inputs.get("failover_conditions") or {}),
        }
        inputs.setdefault("ip_port_mode", False)
        if inputs["input_protocol"].endswith("_PUSH"):
            inputs["sources"] = inputs.get("sources") or [{}]
            for source in inputs["sources"]:
                source.setdefault("url", f"rtmp://in.example.com/live/{self._next()}")
        for (kind, _), package in self.packages().items():
            package.setdefault("id", f"package-{self._next()}")
            if kind == "hls_package":
                package.setdefault("hls_version", "v3")
            if package.get("encryption"):
                package["encryption"].setdefault("level", "content")
                package["encryption"]["encryption_method"] = "SAMPLE-AES"

    def _next(self) -> int:
        self._made += 1
        return self._made


def opened(value: Any) -> Any:
    """The body as it goes over the wire: the one place where secrets are opened."""
    return json.loads(json.dumps(value, default=_open))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value and secret with its path."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from leaves(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def _open(value: object) -> str:
    assert isinstance(value, SecretStr), f"{value!r} cannot be sent"
    return value.get_secret_value()


def _shown(channel: JsonObject, habits: Habits) -> JsonObject:
    _each_secret(channel, habits.secrets)
    if habits.regrouped:
        channel["endpoints"] = [
            {kind: group[kind]} for group in channel.get("endpoints") or [] for kind in PACKAGES if group.get(kind)
        ]
    for source in channel["input"].get("sources") or []:
        if habits.empties:
            source.update({name: empty for name, empty in _EMPTY_SOURCE.items() if name not in source})
        if habits.extras:
            source["unknown_member"] = {"some": "thing"}
    for package in [p for group in channel.get("endpoints") or [] for kind in PACKAGES for p in group.get(kind) or []]:
        if habits.empties:
            package.update({name: empty for name, empty in _EMPTY_PACKAGE.items() if name not in package})
        if habits.extras:
            package["ext_args"] = {"some": "thing"}
    if habits.reordered:
        _reorder(channel)
    if habits.lower_case:
        channel.update(state=channel["state"].lower(), mode=channel["mode"].lower())
        channel["input"]["input_protocol"] = channel["input"]["input_protocol"].lower()
    return channel


_EMPTY_SOURCE: JsonObject = {
    "passphrase": "", "pbkeylen": 0, "latency": 0, "stream_id": "", "bitrate": 0, "backup_urls": None, "width": None,
}  # fmt: skip
_EMPTY_PACKAGE: JsonObject = {
    "request_args": {"live": None}, "encryption": None, "stream_selection": [], "delay_segment": 0, "slave_url": "",
    "min_buffer_time": 0,
}  # fmt: skip


def _each_secret(value: Any, how: str, parent: str = "") -> None:
    if isinstance(value, list):
        for item in value:
            _each_secret(item, how, parent)
    if not isinstance(value, dict):
        return
    for name in list(value):
        secret = name == "passphrase" or (name == "value" and parent in ("http_headers", "cdn_identifier_header"))
        if not secret:
            _each_secret(value[name], how, name)
        elif how == "masked":
            value[name] = "******"
        elif how == "absent":
            del value[name]


def _reorder(channel: JsonObject) -> None:
    lists: list[list[Any]] = [channel.get("encoder_settings") or [], channel["input"].get("audio_selectors") or []]
    lists.append(channel["input"].get("ad_triggers") or [])
    for group in channel.get("endpoints") or []:
        for kind in PACKAGES:
            lists.append(group.get(kind) or [])
            lists += [((p.get("encryption") or {}).get("http_headers") or []) for p in group.get(kind) or []]
    for each in lists:
        each.reverse()


@functools.cache
def contract() -> JsonObject:
    """The OpenAPI document of the service."""
    text = (resources.files("medialive_operator.contract") / "media-live.openapi.yaml").read_text()
    document: JsonObject = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return document


@functools.cache
def _validator(operation: Operation) -> Callable[[JsonObject], None] | None:
    document, facts = contract(), OPERATIONS[operation]
    described = document["paths"][facts.path][facts.method.lower()].get("requestBody")
    if described is None:
        return None
    schema = next(iter(described["content"].values()))["schema"]
    check: Callable[[JsonObject], None] = Draft202012Validator(
        {**schema, "components": document["components"]}
    ).validate
    return check


def hold_to_contract(operation: Operation, body: Any) -> None:
    """AssertionError or a ValidationError when the contract forbids the body."""
    check = _validator(operation)
    if check is not None:
        check(body)
