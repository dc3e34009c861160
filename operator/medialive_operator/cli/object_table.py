"""The objects of the demo as a table for people: channels and flows in one, a line each.

Called by `medialive demo` with what kubectl shows; it reads nothing itself.
"""

from collections.abc import Iterable
from typing import Any

from rich.markup import escape
from rich.table import Table

Manifest = dict[str, Any]

_COLUMNS = ("Name", "Kind", "Streams", "State", "Ready", "Synced", "Restarts", "What is going on")


def object_table(objects: Iterable[Manifest]) -> Table:
    """A line for each object."""
    table = Table(*_COLUMNS, box=None)
    for each in objects:
        status = each.get("status") or {}
        restarts = (status.get("statistics") or {}).get("restarts") or {}
        table.add_row(
            each["metadata"]["name"],
            *(_flow(status) if is_flow(each) else _channel(each["spec"], status)),
            _colored(verdict(each, "Ready")),
            _colored(verdict(each, "Synced")),
            str(restarts.get("count", 0)),
            escape(message(each, "Ready")),
        )
    return table


def is_flow(obj: Manifest) -> bool:
    """Whether it is a StreamConnectFlow."""
    return bool(obj["kind"] == "StreamConnectFlow")


def is_up(obj: Manifest) -> bool:
    """Whether all that was asked for is done; of a flow, whether its links have been read too."""
    status = obj.get("status") or {}
    current = status.get("observedGeneration") == obj["metadata"]["generation"]
    read = not is_flow(obj) or "connected" in status
    return current and read and verdict(obj, "Ready") == "True" and verdict(obj, "Synced") != "Unknown"


def verdict(obj: Manifest, kind: str) -> str:
    """Status of a condition."""
    return str(_condition(obj, kind).get("status", "-"))


def message(obj: Manifest, kind: str) -> str:
    """Message of a condition."""
    return str(_condition(obj, kind).get("message", ""))


def _condition(obj: Manifest, kind: str) -> Manifest:
    found = ((obj.get("status") or {}).get("conditions")) or []
    return next((each for each in found if each["type"] == kind), {})


def _channel(spec: Manifest, status: Manifest) -> tuple[str, str, str]:
    return "Channel", spec["input"]["inputProtocol"], (status.get("channel") or {}).get("state", "-")


def _flow(status: Manifest) -> tuple[str, str, str]:
    streams = f"{status.get('sourceCount', 0)} in, {status.get('outputCount', 0)} out"
    connected = f", {status['connected']} up" if "connected" in status else ""
    return "Flow", f"{streams}{connected}", status.get("flowStatus", "-")


def _colored(status: str) -> str:
    return {"True": "[green]True[/green]", "False": "[red]False[/red]"}.get(status, status)
