"""Readings of the simulator's log of calls."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

LoggedCall = dict[str, Any]

LIST = "list_ott_channel_info"
_CLOUD_EYE = ("list_ces_dims_info", "list_ces_instance")
_LIST_OF_FLOWS = "list_flows"
_DEEP_READS = ("show_flow_detail", "show_output_info")


def kinds(calls: Iterable[LoggedCall]) -> Counter[str]:
    """The calls by what they are: `list`, `list of Cloud Eye`, `read by key`, or method and place of any other."""
    return Counter(map(_kind, calls))


def told(calls: Iterable[LoggedCall]) -> str:
    """How many calls of which kind, for a table."""
    return ", ".join(f"{count} {kind}" for kind, count in kinds(calls).items()) or "none"


def is_write(call: LoggedCall) -> bool:
    """Whether it changes something; Cloud Eye is asked by POST."""
    return not str(call["operation"]).startswith(("list_", "show_"))


def is_list(call: LoggedCall) -> bool:
    """Whether it asks for everything, for all objects together."""
    return str(call["operation"]).startswith("list_") and "id" not in call["query"]


def is_deep_read(call: LoggedCall) -> bool:
    """Whether it reads a flow, or one of its outputs, in full."""
    return call["operation"] in _DEEP_READS


def busiest_window(calls: Iterable[LoggedCall], seconds: float = 60.0) -> int:
    """The most calls that fell into any window of this length."""
    times = sorted(float(call["at"]) for call in calls)
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def _kind(call: LoggedCall) -> str:
    operation = str(call["operation"])
    if operation in _CLOUD_EYE:
        return "list of Cloud Eye"
    if operation == LIST:
        return "list" if is_list(call) else "read by key"
    if operation == _LIST_OF_FLOWS:
        return "list"
    thing = "channel" if "/channels" in str(call["path"]) else "flow"
    place = str(call["path"]).rpartition(f"/{thing}s")[2].strip("/") or thing
    return f"{call['method']} {place}"
