"""SCTE-35 statistics of channels, and what Cloud Eye asks: dimensions and instances.

Called by the app with checked calls. It reads; signals get in by the admin port.
"""

from collections.abc import Mapping

from medialive_operator.contract.operations import Operation
from medialive_operator.simulator.calls import Call, Handler
from medialive_operator.simulator.messages import Answer, JsonObject
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.refusals import NOT_FOUND, Refusal, invalid
from medialive_operator.simulator.store import ChannelRecord, Store

# name: (parameters of a query, label in English, label in Chinese)
_DIMENSIONS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "medialive_mpc": (("medialive_mpc",), "Transcoding", "转码服务"),
    "pipeline": (("medialive_mpc", "pipeline"), "Pipeline", "管道"),
    "audio": (("medialive_mpc", "pipeline", "audio"), "Audio", "音频"),
    "medialive_cdn": (("medialive_cdn",), "CDN", "CDN服务"),
    "medialive_package": (("medialive_package",), "Packaging", "打包服务"),
    "medialive_connect": (("medialive_connect",), "StreamConnect", "收发服务"),
    "medialive_tailor": (("medialive_tailor",), "Ad insertion", "广告服务"),
    "region": (("region",), "Region", "区域"),
}
_PIPELINES = ("0", "1")  # primary and backup
_AUDIO_TRACKS = ("1", "2", "3", "4", "5")  # the documents say that five always come back
_TITLES = {"splice_insert": "Splice Insert", "time_signal": "Time Signal"}
_DEFAULT_PAGE = 1000


class Monitoring:
    """The calls that only look."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._options = options

    def handlers(self) -> Mapping[Operation, Handler]:
        """Which operation is served by what."""
        return {
            Operation.SHOW_CHANNEL_STATISTIC: self.statistic,
            Operation.LIST_CES_DIMS_INFO: self.dimensions,
            Operation.LIST_CES_INSTANCE: self.instances,
        }

    def statistic(self, call: Call) -> Answer:
        """A page of the signals of a channel in a window of time."""
        record = self._store.channels.get((call.project_id, call.channel))
        if record is None:
            raise Refusal(NOT_FOUND, "The resource to access is not exists", status=self._options.not_found_status)
        asked = call.body.get("scte35")
        if asked is None:
            raise invalid("scte35 is required")
        if asked["end_time"] <= asked["start_time"]:
            raise invalid("scte35.end_time: must be after start_time")
        region = call.body.get("region_type", "master")
        found = [signal for signal in record.scte35 if _asked_for(signal, asked, region)]
        shown = [self._spelt(signal) for signal in call.page(found)]
        return Answer(200, {**_key_and_type(record), "scte35": {"total": len(found), "scte35_info": shown}})

    def dimensions(self, call: Call) -> Answer:
        """Which dimensions there are, and what a query for each must name."""
        query = {
            name: {"params": list(params), "display": {"id": {"en-us": english, "zh-cn": chinese}}}
            for name, (params, english, chinese) in _DIMENSIONS.items()
        }
        return Answer(200, {"query": query})

    def instances(self, call: Call) -> Answer:
        """Channels, or the pipelines of channels, or the audio tracks of pipelines."""
        path = {step["dim_name"]: step.get("id") for step in call.body["query"]}
        found = self._instances_on(path, call) if "medialive_mpc" in path else []
        start = call.body.get("start", 0)
        return Answer(
            200, {"total": len(found), "instances": found[start : start + call.body.get("limit", _DEFAULT_PAGE)]}
        )

    def _instances_on(self, path: Mapping[str, str | None], call: Call) -> list[JsonObject]:
        found = [
            {"medialive_mpc": {"id": record.channel.id, "name": record.wire.get("name") or record.channel.id}}
            for record in self._store.channels.of_project(call.project_id)
            if path["medialive_mpc"] in (None, record.channel.id)
        ]
        for dimension, numbers in (("pipeline", _PIPELINES), ("audio", _AUDIO_TRACKS)):
            if dimension in path:
                found = [
                    {**outer, dimension: {"id": number, "name": f"{dimension}-{number}"}}
                    for outer in found
                    for number in numbers
                    if path[dimension] in (None, number)
                ]
        return found

    def _spelt(self, signal: JsonObject) -> JsonObject:
        kind = signal["type"]
        return {**signal, "type": _TITLES.get(kind, kind) if self._options.scte35_spelling == "title" else kind}


def scte35_signal(event: JsonObject, number: int, now: float) -> JsonObject:
    """A signal with all fields that the contract requires, from the ones that are given."""
    return {
        "type": "splice_insert",
        "event_id": number,
        "start_date": int(now),
        "duration": -1,
        "segmentation_type": "-",
        "base64_data": "/DAlAAAAAAAAAP/wFAUAAAABf+/+AGAhYP4AKTLgAAEAAAAAjhdvmA==",
        "raw_splice": '{"table_id":252}',
        "region_type": "master",
        **event,
    }


def _asked_for(signal: JsonObject, asked: JsonObject, region: str) -> bool:
    return (
        asked["type"] in ("all", signal["type"])
        and asked["start_time"] <= signal["start_date"] < asked["end_time"]
        and region in ("all", signal["region_type"])
    )


def _key_and_type(record: ChannelRecord) -> JsonObject:
    return {**record.channel._asdict(), "type": "scte35"}
