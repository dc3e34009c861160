"""Which channel follows which flow: addresses on the one side, users on the other.

Fed by the store with every object it sees. A channel is woken when an address it follows changes, a flow when a
channel that kept it from going lets go of it. Pure memory.
"""

from collections import defaultdict
from collections.abc import Iterator

from medialive_operator.cluster.objects import Key, Object
from medialive_operator.resources.stream_connect_flows import STREAM_CONNECT_FLOW


class References:
    """Flows by the channels that follow them."""

    def __init__(self) -> None:
        self._flows: dict[Key, set[Key]] = {}
        self._channels: defaultdict[Key, set[Key]] = defaultdict(set)
        self._addresses: dict[Key, dict[str, str]] = {}

    def put(self, key: Key, obj: Object) -> set[Key]:
        """Note what the object refers to, or offers; returns the objects for which something changed."""
        if key.plural == STREAM_CONNECT_FLOW.plural:
            before, self._addresses[key] = self._addresses.get(key), _addresses(obj)
            return set(self._channels[key]) if before != self._addresses[key] else set()
        return self._point(key, {Key(STREAM_CONNECT_FLOW.plural, key.namespace, name) for name in _named(obj)})

    def drop(self, key: Key) -> set[Key]:
        """The object is gone; returns the objects for which that matters."""
        if key.plural == STREAM_CONNECT_FLOW.plural:
            self._addresses.pop(key, None)
            return set(self._channels[key])
        return self._point(key, set())

    def users(self, flow: Key) -> list[Key]:
        """The channels that follow the flow."""
        return sorted(self._channels[flow])

    def address(self, channel: Key, flow: str, output: str) -> str | None:
        """The address of a flow's output, None while there is none; raises KeyError when there is no such flow."""
        return self._addresses[Key(STREAM_CONNECT_FLOW.plural, channel.namespace, flow)].get(output)

    def _point(self, channel: Key, flows: set[Key]) -> set[Key]:
        before = self._flows.pop(channel, set())
        if flows:
            self._flows[channel] = flows
        for flow in before - flows:
            self._channels[flow].discard(channel)
        for flow in flows - before:
            self._channels[flow].add(channel)
        return before - flows


def _named(channel: Object) -> Iterator[str]:
    """Flows that the sources of a channel follow."""
    inputs = (channel.get("spec") or {}).get("input") or {}
    for source in [*(inputs.get("sources") or []), *(inputs.get("secondarySources") or [])]:
        if source.get("flowRef"):
            yield source["flowRef"]["name"]


def _addresses(flow: Object) -> dict[str, str]:
    """Output → address from which it can be pulled."""
    outputs = (flow.get("status") or {}).get("outputs") or []
    listening = [each for each in outputs if each.get("protocol") == "srt-listener" and each.get("url")]
    return {each["name"]: each["url"] for each in listening}
