"""What a PUT makes of the block it replaces: left-out scalars, package ids. Pure.

Used by channels and flows. Both answers to "what happens to what was left out" are there, as options.
"""

from collections.abc import Callable
from typing import Any

from medialive_operator.simulator.channel_rules import PACKAGES
from medialive_operator.simulator.messages import JsonObject
from medialive_operator.simulator.options import Options


def replaced_block(before: Any, sent: Any, options: Options) -> Any:
    """The block after a PUT. With `omitted_scalars: keep`, plain values that were not sent stay; blocks never do."""
    return sent if options.omitted_scalars == "reset" else _kept(before, sent)


def identified_packages(
    channel: JsonObject, before: JsonObject, options: Options, new_id: Callable[[], str]
) -> JsonObject:
    """The channel with an id in each package: the one that was sent if it is known, else kept by URL, or a new one."""
    known = {package["id"]: package.get("url") for package in _listed(before)}
    by_url = {url: identity for identity, url in known.items()} if options.package_ids == "keep" else {}

    def identified(package: JsonObject) -> JsonObject:
        if package.get("id") in known:
            return package
        return {**package, "id": by_url.get(package.get("url")) or new_id()}

    if "endpoints" not in channel:
        return channel
    return {
        **channel,
        "endpoints": [
            {
                kind: [identified(package) for package in listed] if kind in PACKAGES and listed else listed
                for kind, listed in group.items()
            }
            for group in channel["endpoints"]
        ],
    }


def _listed(channel: JsonObject) -> list[JsonObject]:
    groups = channel.get("endpoints") or []
    return [package for group in groups for kind in PACKAGES for package in group.get(kind) or []]


def _kept(before: Any, sent: Any) -> Any:
    if isinstance(sent, dict) and isinstance(before, dict):
        plain = {name: value for name, value in before.items() if not isinstance(value, dict | list)}
        return plain | {name: _kept(before.get(name), value) for name, value in sent.items()}
    if isinstance(sent, list) and isinstance(before, list):
        return [_kept(_same(before, item, position), item) for position, item in enumerate(sent)]
    return sent


def _same(before: list[Any], item: Any, position: int) -> Any:
    """The item that was there: by its name or URL if it has one, else by its place."""
    for mark in ("name", "url", "key"):
        if isinstance(item, dict) and mark in item:
            return next((one for one in before if isinstance(one, dict) and one.get(mark) == item[mark]), None)
    return before[position] if position < len(before) else None
