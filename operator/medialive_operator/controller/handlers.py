"""The kopf side: one event handler a kind, which hands the object on and returns.

Called by kopf for each raw watch event. It must stay instant and decide nothing; kopf keeps no state on our objects.
"""

from collections.abc import Callable
from typing import Any

import kopf

from medialive_operator.cluster.connection import Connection
from medialive_operator.cluster.objects import Object
from medialive_operator.resources.kinds import GROUP, VERSION

Saw = Callable[[str, str | None, Object], None]


def registry(connection: Connection, plurals: tuple[str, ...], saw: Saw) -> kopf.OperatorRegistry:
    """All handlers: `saw(plural, type, object)` is called for each event."""
    handlers = kopf.OperatorRegistry()

    @kopf.on.login(registry=handlers)
    async def sign_in(**_: Any) -> kopf.AiohttpSession:
        # A session of its own each time: kopf closes it, and takes one that was refused for bad for ever.
        return kopf.AiohttpSession(server=connection.server, aiohttp_session=connection.session())

    for plural in plurals:

        @kopf.on.event(GROUP, VERSION, plural, registry=handlers, id=f"saw-{plural}")
        async def see(event: Any, plural: str = plural, **_: Any) -> None:
            saw(plural, event["type"], event["object"])

    return handlers


class _NoDiff(kopf.DiffBaseStorage):
    """kopf stores no copy of an object on the object."""

    def build(self, **_: Any) -> kopf.BodyEssence:
        return kopf.BodyEssence({})

    def fetch(self, **_: Any) -> kopf.BodyEssence | None:
        return None

    def store(self, **_: Any) -> None: ...


class _NoProgress(kopf.ProgressStorage):
    """kopf stores no progress on an object."""

    def fetch(self, **_: Any) -> None: ...

    def store(self, **_: Any) -> None: ...

    def purge(self, **_: Any) -> None: ...

    def touch(self, **_: Any) -> None: ...

    def clear(self, *, essence: Any) -> Any:
        return essence


def settings(label_selector: str | None) -> kopf.OperatorSettings:
    """kopf as an event layer only. Figures are explained in the design, section 2."""
    chosen = kopf.OperatorSettings()
    chosen.posting.enabled = False
    chosen.posting.loggers = False
    chosen.scanning.disabled = True
    chosen.peering.standalone = True
    # A name that nobody uses: kopf takes a finalizer of this name off objects it has no handlers for.
    chosen.persistence.finalizer = f"{GROUP}/unused-by-kopf"
    chosen.persistence.diffbase_storage = _NoDiff()
    chosen.persistence.progress_storage = _NoProgress()
    chosen.persistence.consistency_timeout = 0
    chosen.queueing.idle_timeout = 1.0
    chosen.watching.server_timeout = 240
    chosen.watching.connect_timeout = 10
    chosen.watching.reconnect_backoff = 1.0
    chosen.watching.chunk_size = 200
    chosen.networking.request_timeout = 30
    chosen.networking.connect_timeout = 5
    # About four minutes in all; whatever lasts longer ends the process, which starts again.
    chosen.networking.error_backoffs = (1, 2, 4, 8, 15, *[30] * 7)
    if label_selector:
        chosen.watching.label_selectors[GROUP, kopf.EVERYTHING] = label_selector
    return chosen
