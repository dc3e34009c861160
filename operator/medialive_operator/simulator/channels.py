"""Channels: create, list, delete and the six PUTs, with what they do to a channel on air.

Called by the app with checked calls. It must not know HTTP, and shows nothing itself (channel_views does).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from medialive_operator.clock import Clock
from medialive_operator.contract.operations import Operation
from medialive_operator.simulator import channel_rules
from medialive_operator.simulator.calls import Call, Handler
from medialive_operator.simulator.channel_views import shown_channel
from medialive_operator.simulator.contract import Contract
from medialive_operator.simulator.ingest_addresses import with_push_urls
from medialive_operator.simulator.messages import Answer, JsonObject
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.refusals import NOT_FOUND, Refusal, invalid
from medialive_operator.simulator.replacing import identified_packages, replaced_block
from medialive_operator.simulator.store import ChannelKey, ChannelRecord, Store

_SUCCESS = {"result_code": "LIVE.100000000", "result_msg": "SUCCESS"}


class Channels:
    """The channels of all projects."""

    def __init__(self, store: Store, options: Options, clock: Clock, contract: Contract) -> None:
        self._store = store
        self._options = options
        self._clock = clock
        self._contract = contract

    def handlers(self) -> Mapping[Operation, Handler]:
        """Which operation is served by what."""
        return {
            Operation.CREATE_OTT_CHANNEL_INFO: self.create,
            Operation.LIST_OTT_CHANNEL_INFO: self.list_page,
            Operation.DELETE_OTT_CHANNEL_INFO: self.delete,
            Operation.MODIFY_OTT_CHANNEL_INFO_INPUT: self.change_input,
            Operation.MODIFY_OTT_CHANNEL_INFO_ENCODER_SETTINGS: self.change_encoder_settings,
            Operation.MODIFY_OTT_CHANNEL_INFO_RECORD_SETTINGS: self.change_record_settings,
            Operation.MODIFY_OTT_CHANNEL_INFO_END_POINTS: self.change_endpoints,
            Operation.MODIFY_OTT_CHANNEL_INFO_GENERAL: self.change_general,
            Operation.MODIFY_OTT_CHANNEL_INFO_STATS: self.change_state,
        }

    def create(self, call: Call) -> Answer:
        """A channel that is new; ON starts it at once."""
        projects = {project.id for project in call.account.projects}
        everything = self._store.channels.all()
        channel_rules.check_new(
            call.body, [one for one in everything if one.project_id == call.project_id], self._options
        )
        channel_rules.check_fields(call.body, self._options)
        channel_rules.check_urls(call.body, everything)
        channel_rules.check_quota(sum(one.project_id in projects for one in everything), self._options)
        record = self._made(call)
        self._store.channels.put(record.key, record)
        return self._done(record, status=201)

    def list_page(self, call: Call) -> Answer:
        """A page of those that fit the filters; none is no error."""
        since = self._clock.time() - self._options.list_lag if self._options.list_lag else None
        records = self._store.channels.of_project(call.project_id, since=since, undo_last=call.stale)
        found = self._ordered([record for record in records if self._matches(record, call.query)], call)
        page = call.page([record.wire for record in found])
        shown = [shown_channel(wire, self._options, self._contract) for wire in page]
        return Answer(200, {"total": len(found), "channels": shown})

    def delete(self, call: Call) -> Answer:
        """A channel that is stopped; the options say what becomes of one that is not."""
        record = self._found(call)
        if record.running and self._options.delete_running == "refuse":
            raise Refusal(self._options.wrong_state_code, "the channel is ON; stop it before it is deleted")
        self._store.channels.remove(record.key, record.project_id)
        return Answer(200, {**_SUCCESS, **record.channel._asdict()})

    def change_input(self, call: Call) -> Answer:
        """Replace the input; encoder_settings_expand comes along."""
        record, sent = self._found(call), call.body.get("input")
        wire = record.wire
        if sent is not None:
            if sent["input_protocol"] != wire["input"]["input_protocol"]:
                raise invalid("input.input_protocol cannot be changed")
            wire = {**wire, "input": replaced_block(wire["input"], sent, self._options)}
        return self._changed(record, self._with_expand(wire, call.body, "input"))

    def change_encoder_settings(self, call: Call) -> Answer:
        """Replace the list of templates."""
        record = self._found(call)
        wire = record.wire | {name: call.body[name] for name in ("encoder_settings",) if name in call.body}
        return self._changed(record, self._with_expand(wire, call.body, "encoder_settings"))

    def change_record_settings(self, call: Call) -> Answer:
        """Replace the recording settings."""
        record, sent = self._found(call), call.body.get("record_settings")
        if sent is None:
            return self._changed(record, record.wire, with_sources=False)
        settings = {"rollingbuffer_duration": 0} | replaced_block(
            record.wire.get("record_settings"), sent, self._options
        )
        return self._changed(record, {**record.wire, "record_settings": settings}, with_sources=False)

    def change_endpoints(self, call: Call) -> Answer:
        """Replace the outputs; each needs a URL that no other channel has."""
        record, sent = self._found(call), call.body.get("endpoints")
        if sent is None:
            return self._changed(record, record.wire)
        channel_rules.check_urls({"endpoints": sent}, [o for o in self._store.channels.all() if o.key != record.key])
        kept = replaced_block(record.wire.get("endpoints") or [], sent, self._options)
        made = identified_packages({**record.wire, "endpoints": kept}, record.wire, self._options, self._new_id)
        return self._changed(record, made)

    def change_general(self, call: Call) -> Answer:
        """Set the name; left out, it is cleared."""
        record = self._found(call)
        return self._changed(record, {**record.wire, "name": call.body.get("name", "")})

    def change_state(self, call: Call) -> Answer:
        """Start or stop."""
        record, wanted = self._found(call), call.body["state"]
        if wanted == record.wire["state"]:
            if self._options.state_repeat == "refuse":
                raise Refusal(self._options.wrong_state_code, f"the channel is {wanted} already")
            return self._done(record)
        changed = replace(record, wire={**record.wire, "state": wanted}, restarting_until=0.0)
        if wanted == "ON":
            changed = replace(changed, starts=record.starts + 1)
        else:
            changed = replace(changed, stops=record.stops + 1, interruptions=record.interruptions + 1)
        self._store.channels.put(changed.key, changed)
        return self._done(changed)

    def _made(self, call: Call) -> ChannelRecord:
        number = self._store.next_number()
        wire = identified_packages(call.body, {}, self._options, self._new_id)
        wire = with_push_urls(wire, self._options)
        return ChannelRecord(number, call.project_id, wire, starts=int(wire["state"] == "ON"))

    def _found(self, call: Call) -> ChannelRecord:
        record = self._store.channels.get((call.project_id, call.channel))
        if record is None:
            raise Refusal(NOT_FOUND, "The resource to access is not exists", status=self._options.not_found_status)
        return record

    def _changed(self, record: ChannelRecord, wire: JsonObject, *, with_sources: bool = True) -> Answer:
        """Store what a PUT makes of a channel; a running one is interrupted."""
        now = self._clock.time()
        if now < record.restarting_until and self._options.put_while_restarting == "refuse":
            raise Refusal(self._options.wrong_state_code, "the channel is restarting; try again later")
        channel_rules.check_fields(wire, self._options)
        changed = replace(record, wire=with_push_urls(wire, self._options))
        if record.running and (self._options.noop_put_restarts or changed.wire != record.wire):
            changed = replace(
                changed,
                interruptions=record.interruptions + 1,
                restarting_until=now + self._options.restart_seconds,
            )
        self._store.channels.put(changed.key, changed)
        return self._done(changed, with_sources=with_sources)

    def _with_expand(self, wire: JsonObject, body: JsonObject, put: str) -> JsonObject:
        name = "encoder_settings_expand"
        if self._options.expand_on not in (put, "both"):
            return wire
        if name in body:
            return {**wire, name: body[name]}
        if self._options.expand_left_out == "keep":
            return wire
        return {field: value for field, value in wire.items() if field != name}

    def _done(self, record: ChannelRecord, *, status: int = 200, with_sources: bool = True) -> Answer:
        body: JsonObject = {**_SUCCESS, **record.channel._asdict()}
        if with_sources and record.wire["input"]["input_protocol"] == "RTMP_PUSH":
            shown = ("url", "bitrate", "width", "height", "enable_snapshot")
            body["sources"] = [
                {name: source[name] for name in shown if name in source} for source in record.wire["input"]["sources"]
            ]
        elif with_sources and self._options.optional_fields == "null":
            body["sources"] = None
        return Answer(status, body)

    def _matches(self, record: ChannelRecord, query: Mapping[str, str]) -> bool:
        wanted = query.get("id")
        fits_id = record.channel.id.startswith(wanted or "") if self._options.list_filter == "prefix" else True
        exact = ("domain", "app_name") if self._options.list_filter == "prefix" else ChannelKey._fields
        return fits_id and all(query.get(part) in (None, record.wire[part]) for part in exact)

    def _ordered(self, records: list[ChannelRecord], call: Call) -> list[ChannelRecord]:
        if self._options.list_order == "key":
            return sorted(records, key=lambda record: record.channel)
        if self._options.list_order == "unstable":
            return sorted(records, key=lambda record: _shuffled(call.request_id, record))
        return records

    def _new_id(self) -> str:
        return hashlib.sha256(f"package/{self._store.next_number()}".encode()).hexdigest()[:32]


def _shuffled(request_id: str, record: ChannelRecord) -> str:
    """A place that differs from one request to the next."""
    return hashlib.sha256(f"{request_id}/{record.number}".encode()).hexdigest()
