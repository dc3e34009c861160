"""What a flow takes in and gives out: sources, outputs, their encryption.

Part of `stream_connect_flows`. Names and limits are those of the contract (`FlowSource`, `AddFlowOutputsRequest`), but
for the address of a source, whose name there is a mouthful. Which change has no call, the planner says: such a spec can
be stored, because `recreatePolicy` may allow it.
"""

from typing import Annotated, Literal

from pydantic import Field

from medialive_operator.resources.fields import SET, Rule, SecretKeyRef, SpecPart, extended, rules

LinkProtocol = Literal["srt-listener", "srt-caller"]

_HOST_NAME = "^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?$"
_IS_HOST = Rule(
    rule=f"isIP(self) || self.matches('{_HOST_NAME}')",
    message="an address is an IP address or a host name, without srt:// before it and without a port behind it",
    source="contract AddFlowOutputsRequest.destination",
)
_PORT_IS_FREE = Rule(
    rule="self != 2077 && self != 2088",
    message="the service keeps ports 2077 and 2088 for itself: choose another one",
    source="behaviour notes 10",
)
_IS_CIDR = Rule(
    rule="isCIDR(self)",
    message="an entry of cidrWhitelist is a CIDR, such as 192.0.2.0/24; a single address is 198.51.100.7/32",
    source="contract FlowSource.cidr_whitelist",
)

Port = Annotated[int, Field(ge=1024, le=65535, json_schema_extra={"format": "int32", **extended(_PORT_IS_FREE)})]
Cidr = Annotated[str, Field(min_length=1, max_length=43, json_schema_extra=extended(_IS_CIDR))]
CidrWhitelist = Annotated[list[Cidr], Field(max_length=20, json_schema_extra=SET)]
StreamId = Annotated[str, Field(min_length=1, max_length=512)]
OutputName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]

_NO_STREAM_ID = Rule(
    rule="self.protocol == 'srt-caller' || !has(self.streamId)",
    message="streamId is what an srt-caller presents when it connects: remove it",
    source="contract AddFlowOutputsRequest.stream_id: srt-caller only; FlowSource.stream_id: for pulling",
    reason="FieldValueForbidden",
)
_NO_WHITELIST = Rule(
    rule="self.protocol == 'srt-listener' || !has(self.cidrWhitelist)",
    message="cidrWhitelist says who may connect to an srt-listener, and nobody connects to an srt-caller: remove it",
    source="contract AddFlowOutputsRequest.cidr_whitelist: srt-listener only; user guide live_25_0046 for sources",
    reason="FieldValueForbidden",
)


class SrtEncryption(SpecPart):
    """Encryption of an SRT link. Both ends need the same passphrase."""

    algorithm: Literal["aes128", "aes192", "aes256"] | None = None
    """Cipher."""
    passphrase_secret_ref: SecretKeyRef
    """Passphrase, 10 to 79 characters, in a Secret of the same namespace."""


class FlowSource(SpecPart):
    """An input of the flow."""

    model_config = rules(
        Rule(
            rule="self.protocol != 'srt-caller' || (has(self.address) && has(self.port))",
            message="an srt-caller source needs address and port: where the service pulls from",
            source="contract FlowSource.source_listener_address, source_listener_port",
            reason="FieldValueRequired",
        ),
        Rule(
            rule="self.protocol != 'srt-listener' || (!has(self.address) && !has(self.port))",
            message="the service makes the address of an srt-listener source: remove address and port, and read where "
            "to push to from status.sources",
            source="contract FlowSource.source_listener_address: filled by the service",
            reason="FieldValueForbidden",
        ),
        _NO_STREAM_ID,
        _NO_WHITELIST,
    )
    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^([a-zA-Z0-9\-_]){1,64}$")]
    """Name of the source: letters, digits, `-` and `_`. No call of the API renames, adds or removes a source."""
    protocol: LinkProtocol
    """srt-listener: an encoder pushes to the address that the service makes. srt-caller: the service pulls from
    `address` and `port`. Another protocol needs a new flow."""
    source_listener_address: (
        Annotated[str, Field(min_length=1, max_length=255, json_schema_extra=extended(_IS_HOST))] | None
    ) = Field(default=None, alias="address")
    """Where the service pulls from: IP address or host name, the API's `source_listener_address`. srt-caller only, and
    required there."""
    source_listener_port: Port | None = Field(default=None, alias="port")
    """Port to pull from, the API's `source_listener_port`. srt-caller only, and required there."""
    stream_id: StreamId | None = None
    """SRT stream id that the service presents. srt-caller only."""
    min_latency: Annotated[int, Field(ge=0, le=15000, json_schema_extra={"format": "int32"})] | None = None
    """Least latency in milliseconds."""
    cidr_whitelist: CidrWhitelist | None = None
    """Who may push: at most 20 CIDRs. srt-listener only."""
    description: Annotated[str, Field(max_length=255)] | None = None
    """Words about it, shown in the console."""
    decryption: SrtEncryption | None = None
    """How the input is encrypted."""


class FlowOutput(SpecPart):
    """An output of the flow."""

    model_config = rules(
        Rule(
            rule="self.protocol != 'srt-caller' || (has(self.destination) && has(self.port))",
            message="an srt-caller output needs destination and port: where the service pushes to",
            source="contract AddFlowOutputsRequest.destination, port",
            reason="FieldValueRequired",
        ),
        Rule(
            rule="self.protocol != 'srt-listener' || !has(self.destination)",
            message="the service makes the address of an srt-listener output: remove destination, and read where to "
            "pull from in status.outputs",
            source="contract FlowsOutput.listener_address",
            reason="FieldValueForbidden",
        ),
        _NO_STREAM_ID,
        _NO_WHITELIST,
    )
    name: OutputName
    """Name of the output: a letter, then letters, digits, `-` and `_`. An output under another name is another one: the
    old one is deleted, the new one created."""
    protocol: LinkProtocol
    """srt-listener: somebody pulls from the address that the service makes, one at a time. srt-caller: the service
    pushes to `destination` and `port`. For another protocol the output is deleted and created."""
    destination: Annotated[str, Field(min_length=1, max_length=64, json_schema_extra=extended(_IS_HOST))] | None = None
    """Where the service pushes to: IP address or host name. srt-caller only, and required there."""
    port: Port | None = None
    """srt-caller: port to push to, required. srt-listener: port that is listened on; unset: the service chooses."""
    stream_id: StreamId | None = None
    """SRT stream id that the service presents. srt-caller only."""
    min_latency: Annotated[int, Field(ge=10, le=15000, json_schema_extra={"format": "int32"})] | None = None
    """Least latency in milliseconds. The service's default is 2000."""
    cidr_whitelist: CidrWhitelist | None = None
    """Who may pull: at most 20 CIDRs. srt-listener only."""
    description: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    """Words about it, shown in the console."""
    encryption: SrtEncryption | None = None
    """How the output is encrypted."""
    output_status: Literal["ENABLED", "DISABLED"] | None = None
    """ENABLED: it carries the stream while the flow runs. DISABLED: it is only configured."""
