"""Wire models of channels: their key, requests and answers. Source: contract, tag OTT Channel Management."""

from typing import NamedTuple

from medialive_operator.cloud.channel_endpoints import Endpoint
from medialive_operator.cloud.channel_inputs import EncoderSettings, EncoderSettingsExpand, Input
from medialive_operator.cloud.wire import Wire


class ChannelKey(NamedTuple):
    """What makes a channel that one: the caller chooses all three parts, no call changes them."""

    domain: str
    app_name: str
    id: str


class RecordSettings(Wire):
    """How many seconds are kept for catch-up; 0 switches recording off."""

    rollingbuffer_duration: int | None = None


class ChannelRequest(Wire):
    """The key that the body of every change begins with."""

    domain: str
    app_name: str
    id: str


class CreateOttChannelInfoReq(ChannelRequest):
    """A channel to create. `state` is ON or OFF."""

    name: str | None = None
    state: str
    mode: str | None = None
    region: str | None = None
    input: Input
    encoder_settings: list[EncoderSettings] | None = None
    record_settings: RecordSettings
    endpoints: list[Endpoint] | None = None
    encoder_settings_expand: EncoderSettingsExpand | None = None


class ModifyOttChannelEndPointsReq(ChannelRequest):
    """All outputs anew."""

    endpoints: list[Endpoint] | None = None


class ModifyOttChannelInputReq(ChannelRequest):
    """The input anew."""

    input: Input | None = None
    encoder_settings_expand: EncoderSettingsExpand | None = None


class ModifyOttChannelRecordSettings(ChannelRequest):
    """The recording anew."""

    record_settings: RecordSettings | None = None


class ModifyOttChannelGeneral(ChannelRequest):
    """The name anew."""

    name: str | None = None


class ModifyOttChannelState(ChannelRequest):
    """On air (ON) or not (OFF)."""

    state: str


class ModifyOttChannelEncoderSettings(ChannelRequest):
    """All templates anew. `encoder_settings_expand` is deprecated here: PUT input carries it."""

    encoder_settings: list[EncoderSettings] | None = None
    encoder_settings_expand: EncoderSettingsExpand | None = None


class IngestSource(Wire):
    """Where to push to, made by the service (SourceRsp). Bitrate in bit/s."""

    url: str | None = None
    bitrate: int | None = None
    width: int | None = None
    height: int | None = None
    enable_snapshot: bool | None = None


class ChannelResult(Wire):
    """The answer to every change of a channel (CreateOttChannelInfoResponse and its likes)."""

    result_code: str | None = None
    result_msg: str | None = None
    domain: str | None = None
    app_name: str | None = None
    id: str | None = None
    sources: list[IngestSource] | None = None


class Channel(Wire):
    """A channel as the list shows it (OttChannel)."""

    domain: str | None = None
    app_name: str | None = None
    id: str | None = None
    name: str | None = None
    state: str | None = None
    mode: str | None = None
    region: str | None = None
    input: Input | None = None
    encoder_settings: list[EncoderSettings] | None = None
    record_settings: RecordSettings | None = None
    endpoints: list[Endpoint] | None = None
    encoder_settings_expand: EncoderSettingsExpand | None = None


class ListOttChannelInfoResponse(Wire):
    """A page of channels."""

    total: int | None = None
    channels: list[Channel] | None = None


class Scte35Query(Wire):
    """Signals of a type (all, splice_insert, time_signal) in a time window, unix seconds (SCTE35StatisticReq)."""

    type: str
    start_time: int
    end_time: int


class ShowChannelStatisticReq(ChannelRequest):
    """Asks for statistics; the only type is scte35. `region_type` is master, slave or all."""

    type: str
    scte35: Scte35Query | None = None
    region_type: str | None = None


class Scte35Signal(Wire):
    """One signal (SCTE35InfoItem). Start in unix seconds, duration in seconds, -1 when not known."""

    type: str | None = None
    event_id: int | None = None
    start_date: int | None = None
    duration: int | None = None
    segmentation_type: str | None = None
    base64_data: str | None = None
    raw_splice: str | None = None
    region_type: str | None = None
    region: str | None = None


class Scte35Signals(Wire):
    """A page of signals, and how many there are (SCTE35StatisticRsp)."""

    total: int | None = None
    scte35_info: list[Scte35Signal] | None = None


class ShowChannelStatisticResponse(Wire):
    """Statistics of a channel."""

    domain: str | None = None
    app_name: str | None = None
    id: str | None = None
    type: str | None = None
    scte35: Scte35Signals | None = None
