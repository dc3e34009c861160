"""One admitted call, as the rules of channels, flows and monitoring get it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from medialive_operator.simulator.accounts import Account
from medialive_operator.simulator.messages import Answer, JsonObject
from medialive_operator.simulator.store import ChannelKey


@dataclass(frozen=True)
class Call:
    """A call whose credentials and shape were checked. `stale` and `torn` are faults of lists."""

    account: Account
    project_id: str
    query: Mapping[str, str]
    body: Any = field(repr=False)
    request_id: str = ""
    stale: bool = False
    torn: bool = False

    @property
    def channel(self) -> ChannelKey:
        """The channel that is meant, from the body or else the query."""
        named = self.body if isinstance(self.body, dict) else self.query
        return ChannelKey(named["domain"], named["app_name"], named["id"])

    def page(self, items: list[JsonObject]) -> list[JsonObject]:
        """The page that limit and offset ask for; with a torn page, every third record is missing."""
        offset, limit = int(self.query.get("offset", 0)), int(self.query.get("limit", 10))
        shown = items[offset : offset + limit]
        return [item for position, item in enumerate(shown) if position % 3] if self.torn else shown


Handler = Callable[[Call], Answer]
