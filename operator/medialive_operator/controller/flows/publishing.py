"""Publishing a flow's addresses for encoders and receivers, in a ConfigMap of the user's naming. Never a passphrase.

Called at the end of a pass over a flow. That it cannot be written disturbs nothing but is told.
"""

from medialive_operator.cluster.config_maps import ConfigMaps, NotOursError
from medialive_operator.cluster.objects import Key
from medialive_operator.controller.flows.subjects import FlowSubject
from medialive_operator.controller.saving import Saving
from medialive_operator.resources.events import EventReason
from medialive_operator.resources.stream_connect_flows import StreamConnectFlowSpec


class Publishing:
    """Writes what changed since it was written last."""

    def __init__(self, config_maps: ConfigMaps, saving: Saving) -> None:
        self._config_maps = config_maps
        self._saving = saving
        self._written: dict[Key, tuple[str, str, dict[str, str]]] = {}

    async def publish(self, subject: FlowSubject, spec: StreamConnectFlowSpec) -> None:
        """Bring the ConfigMap up to date, if one is wanted."""
        if spec.publish_to is None:
            self._written.pop(subject.key, None)
            return
        name, data = spec.publish_to.config_map_name, addresses(subject)
        wanted = (subject.uid, name, data)
        if self._written.get(subject.key) == wanted:
            return
        try:
            await self._config_maps.put(subject.obj, name, data)
        except NotOursError as problem:
            await self._saving.tell(subject, EventReason.CHANGE_HELD, str(problem))
        self._written[subject.key] = wanted

    def release(self, key: Key) -> None:
        """The object is gone, and its ConfigMap with it."""
        self._written.pop(key, None)


def addresses(subject: FlowSubject) -> dict[str, str]:
    """What is published: `flowId`, and `source.<name>` and `output.<name>` with the address of each."""
    status = subject.status.content
    told = {"flowId": str(status.get("flowId", ""))}
    for kind in ("source", "output"):
        for link in status.get(f"{kind}s", []):
            if link.get("url"):
                told[f"{kind}.{link['name']}"] = link["url"]
    return told
