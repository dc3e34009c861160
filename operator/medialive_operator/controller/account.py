"""One account of the cloud: client, budget, inventories, and the objects that use it.

Opened and closed by `controller.accounts`; handed to every pass over an object that uses it. It decides nothing.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from medialive_operator.clock import Clock
from medialive_operator.cloud.client import MediaLive
from medialive_operator.cloud.flow_readings import FlowReadings, FlowSource
from medialive_operator.cloud.inventory import ChannelSource, Inventory
from medialive_operator.cloud.models import ChannelKey
from medialive_operator.cloud.pacing import Share
from medialive_operator.cluster.objects import Key
from medialive_operator.controller.following import Following
from medialive_operator.planning.merging import JsonObject

# Parts of the account's calls that work which can wait may use at most.
_STATISTICS_SHARE = 0.1
_DEEP_READS_SHARE = 0.25


class Place(NamedTuple):
    """Where an account is: address of the service, project, and region if it is known."""

    endpoint: str
    project_id: str
    region: str | None


class Account:
    """Everything that objects of one endpoint, project and credentials share. `name` tells nothing."""

    def __init__(
        self, name: str, place: Place, cloud: MediaLive, clock: Clock, interval: float, wake: Callable[[Key], None]
    ) -> None:
        self.name = name
        self.endpoint, self.project_id, self.region = place
        self.cloud = cloud
        self.budget = cloud.budget
        self.statistics = Share(self.budget, _STATISTICS_SHARE, clock)
        self.channel_followers: Following[ChannelKey] = Following(wake)
        self.channels: Inventory[ChannelKey, JsonObject] = Inventory(
            ChannelSource(cloud.channels), clock, self.channel_followers.changed, interval
        )
        self.channel_followers.watches(self.channels.watch, self.channels.unwatch)
        self.flow_followers: Following[str] = Following(wake)
        self.flows: Inventory[str, JsonObject] = Inventory(
            FlowSource(cloud), clock, self.flow_followers.changed, interval
        )
        deep_reads = Share(self.budget, _DEEP_READS_SHARE, clock)
        self.readings = FlowReadings(cloud, deep_reads, clock, self.flow_followers.changed, interval)
        self.flow_followers.watches(self._watch_flow, self._unwatch_flow)
        self.objects: set[Key] = set()
        self._tasks = [
            asyncio.create_task(self.channels.run(), name=f"channels of {name}"),
            asyncio.create_task(self.flows.run(), name=f"flows of {name}"),
            asyncio.create_task(self.readings.run(), name=f"deep reads of {name}"),
        ]

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return f"project {self.project_id} at {self.endpoint}"

    @property
    def dead(self) -> list[str]:
        """Parts that ended and must not."""
        return [task.get_name() for task in self._tasks if task.done()]

    def forget(self, key: Key) -> None:
        """The object does not use the account any more."""
        self.objects.discard(key)
        self.channel_followers.forget(key)
        self.flow_followers.forget(key)

    async def close(self) -> None:
        """End the sweeps and the connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.cloud.aclose()

    def _watch_flow(self, flow_id: str) -> None:
        self.flows.watch(flow_id)
        self.readings.follow(flow_id)

    def _unwatch_flow(self, flow_id: str) -> None:
        self.flows.unwatch(flow_id)
        self.readings.unfollow(flow_id)
