"""The channel operations, typed: ten calls. Reached as `MediaLive.channels`; every method raises CloudError.

A change of a channel that is on air restarts it, which takes about 30 s and cuts its encoders off.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Literal

from medialive_operator.cloud.calls import Caller
from medialive_operator.cloud.channel_endpoints import Endpoint
from medialive_operator.cloud.channel_inputs import EncoderSettings, EncoderSettingsExpand, Input
from medialive_operator.cloud.models import (
    Channel,
    ChannelKey,
    ChannelRequest,
    ChannelResult,
    CreateOttChannelInfoReq,
    ListOttChannelInfoResponse,
    ModifyOttChannelEncoderSettings,
    ModifyOttChannelEndPointsReq,
    ModifyOttChannelGeneral,
    ModifyOttChannelInputReq,
    ModifyOttChannelRecordSettings,
    ModifyOttChannelState,
    RecordSettings,
    Scte35Query,
    ShowChannelStatisticReq,
    ShowChannelStatisticResponse,
)
from medialive_operator.contract.operations import Operation


class Channels:
    """Calls about channels, at the priority of the view they came from."""

    def __init__(self, cloud: Caller) -> None:
        self.cloud = cloud

    async def create(self, channel: CreateOttChannelInfoReq) -> ChannelResult:
        """Create a channel. The answer holds the ingest URLs of a push channel."""
        return await self._change(Operation.CREATE_OTT_CHANNEL_INFO, channel)

    async def list(
        self,
        *,
        domain: str | None = None,
        app_name: str | None = None,
        id: str | None = None,  # noqa: A002 -- the API's name
        page_size: int = 100,
    ) -> AsyncIterator[Channel]:
        """All channels that match the filters, page by page (1 to 100 a page). One that comes twice is told once."""
        query = {"domain": domain, "app_name": app_name, "id": id, "limit": page_size}
        told: set[tuple[str | None, ...]] = set()
        offset = 0
        while True:
            answer = await self.cloud.call(Operation.LIST_OTT_CHANNEL_INFO, query={**query, "offset": offset})
            page = ListOttChannelInfoResponse.parse(answer, Operation.LIST_OTT_CHANNEL_INFO)
            channels = {(channel.domain, channel.app_name, channel.id): channel for channel in page.channels or ()}
            news = [channel for key, channel in channels.items() if key not in told]
            told.update(channels)
            for channel in news:
                yield channel
            offset += len(page.channels or ())
            if not news or (page.total is not None and offset >= page.total):
                return

    async def delete(self, key: ChannelKey) -> ChannelResult:
        """Delete a channel; stop it first. Raises NotFound when it does not exist."""
        answer = await self.cloud.call(Operation.DELETE_OTT_CHANNEL_INFO, query=key._asdict())
        return ChannelResult.parse(answer, Operation.DELETE_OTT_CHANNEL_INFO)

    async def set_state(self, key: ChannelKey, state: Literal["ON", "OFF"]) -> ChannelResult:
        """Start or stop a channel."""
        change = ModifyOttChannelState(**key._asdict(), state=state)
        return await self._change(Operation.MODIFY_OTT_CHANNEL_INFO_STATS, change)

    async def rename(self, key: ChannelKey, name: str) -> ChannelResult:
        """Give a channel another name (PUT general)."""
        change = ModifyOttChannelGeneral(**key._asdict(), name=name)
        return await self._change(Operation.MODIFY_OTT_CHANNEL_INFO_GENERAL, change)

    async def modify_input(
        self,
        key: ChannelKey,
        input: Input,  # noqa: A002 -- the API's name
        encoder_settings_expand: EncoderSettingsExpand | None = None,
    ) -> ChannelResult:
        """Replace the input; its protocol cannot be changed."""
        change = ModifyOttChannelInputReq(**key._asdict(), input=input, encoder_settings_expand=encoder_settings_expand)
        return await self._change(Operation.MODIFY_OTT_CHANNEL_INFO_INPUT, change)

    async def modify_encoder_settings(self, key: ChannelKey, templates: Sequence[EncoderSettings]) -> ChannelResult:
        """Replace all transcoding templates."""
        change = ModifyOttChannelEncoderSettings(**key._asdict(), encoder_settings=[*templates])
        return await self._change(Operation.MODIFY_OTT_CHANNEL_INFO_ENCODER_SETTINGS, change)

    async def modify_record_settings(self, key: ChannelKey, seconds: int) -> ChannelResult:
        """Change how much is kept for catch-up; 0 switches recording off."""
        change = ModifyOttChannelRecordSettings(
            **key._asdict(), record_settings=RecordSettings(rollingbuffer_duration=seconds)
        )
        return await self._change(Operation.MODIFY_OTT_CHANNEL_INFO_RECORD_SETTINGS, change)

    async def modify_endpoints(self, key: ChannelKey, endpoints: Sequence[Endpoint]) -> ChannelResult:
        """Replace all outputs. Carry the package ids that a list showed."""
        change = ModifyOttChannelEndPointsReq(**key._asdict(), endpoints=[*endpoints])
        return await self._change(Operation.MODIFY_OTT_CHANNEL_INFO_END_POINTS, change)

    async def statistic(
        self,
        key: ChannelKey,
        signals: Scte35Query,
        *,
        region_type: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> ShowChannelStatisticResponse:
        """The SCTE-35 signals of a time window, `limit` (1 to 100) of them from `offset` on."""
        request = ShowChannelStatisticReq(**key._asdict(), type="scte35", scte35=signals, region_type=region_type)
        answer = await self.cloud.call(
            Operation.SHOW_CHANNEL_STATISTIC, query={"limit": limit, "offset": offset}, body=request.wire()
        )
        return ShowChannelStatisticResponse.parse(answer, Operation.SHOW_CHANNEL_STATISTIC)

    async def _change(self, operation: Operation, request: ChannelRequest) -> ChannelResult:
        return ChannelResult.parse(await self.cloud.call(operation, body=request.wire()), operation)
