"""How the service shows a flow and its outputs: envelope-free values, health, secrets as the options say. Pure."""

from medialive_operator.simulator.channel_views import with_passphrases
from medialive_operator.simulator.messages import JsonObject
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.store import FlowRecord

RUNNING = "ACTIVE"


def shown_flow(record: FlowRecord, now: float, options: Options, *, in_clear: bool = False) -> JsonObject:
    """The flow as detail and creation answer it: outputs by name and type only."""
    status = record.status_at(now)
    sources = [with_health(source, status, options) for source in record.wire["sources"]]
    return {
        **record.wire,
        "sources": with_passphrases(sources, "echo" if in_clear else options.passphrase_on_read),
        "status": status,
        "flow_id": record.flow_id,
        "outputs": [{"name": output["name"], "type": output["type"]} for output in record.outputs],
    }


def listed_flow(record: FlowRecord, now: float) -> JsonObject:
    """The flow as a list shows it."""
    first = record.wire["sources"][0]
    return {
        "name": record.wire["name"],
        "region": record.wire["region"],
        "flow_id": record.flow_id,
        "status": record.status_at(now),
        "protocol": first["protocol"],
        **({"description": first["description"]} if "description" in first else {}),
    }


def shown_output(output: JsonObject, status: str, options: Options, *, in_clear: bool = False) -> JsonObject:
    """All of an output."""
    enabled = status if output.get("output_status") != "DISABLED" else "DISABLED"
    shown = with_health(output, enabled, options)
    revealed: JsonObject = with_passphrases(shown, "echo" if in_clear else options.passphrase_on_read)
    return revealed


def with_health(link: JsonObject, status: str, options: Options) -> JsonObject:
    """The link with its health: what the admin port set, else what follows from the status of its flow."""
    connected = status == RUNNING and options.flow_health == "connected"
    return {"health_status": "CONNECTED" if connected else "DISCONNECTED", **link}
