"""What the service refuses about sources and outputs of a flow besides their shape, and what it adds to them. Pure.

Called by flows before it writes.
"""

from collections.abc import Sequence

from medialive_operator.simulator.ingest_addresses import listener_address
from medialive_operator.simulator.messages import JsonObject
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.refusals import EXISTS, Refusal, invalid

MOST_CIDRS = 20


def made_source(source: JsonObject, number: int) -> JsonObject:
    """A source as the service keeps it. A listener's address is the service's. Raises Refusal."""
    _check_encryption("source.decryption", source.get("decryption"))
    if len(source.get("cidr_whitelist") or []) > MOST_CIDRS:
        raise invalid(f"source.cidr_whitelist: at most {MOST_CIDRS}")
    kept = {name: value for name, value in source.items() if name != "health_status"}
    if source["protocol"] == "srt-listener":
        host, port = listener_address(number)
        return {**kept, "source_listener_address": host, "source_listener_port": port}
    if "source_listener_address" not in source or "source_listener_port" not in source:
        raise invalid("source: srt-caller needs source_listener_address and source_listener_port")
    return kept


def made_output(output: JsonObject, number: int) -> JsonObject:
    """An output as the service keeps it. Raises Refusal."""
    _check_encryption("output.encryption", output.get("encryption"))
    kept = {"output_status": "ENABLED", "min_latency": 2000, **output, "type": "srt"}
    if output["protocol"] == "srt-listener":
        host, port = listener_address(number)
        return {"port": port, **kept, "listener_address": host}
    if "destination" not in output or "port" not in output:
        raise invalid("output: srt-caller needs destination and port")
    return kept


def check_new_output(output: JsonObject, present: Sequence[JsonObject], options: Options) -> None:
    """Raises Refusal when a flow cannot have one more output, or not one of this name."""
    if any(other["name"] == output["name"] for other in present):
        raise Refusal(EXISTS, "an output of this name already exists")
    if len(present) >= options.outputs_per_flow:
        raise Refusal(options.quota_code, f"the flow has {len(present)} outputs, the most it may have")


def _check_encryption(where: str, encryption: JsonObject | None) -> None:
    if encryption and encryption["key_type"] != "srt-password":
        raise invalid(f"{where}.key_type: only srt-password is supported")
