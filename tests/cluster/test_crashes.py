"""The operator is killed (SIGKILL) at the worst moments; the next one finds its way from what cluster and cloud say.

A moment is held open by a fault of the cloud: the call after it hangs, and never takes effect. At the end there is one
channel, nothing was done twice, and no interruption beyond the one that the change costs.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.builders import hls, secret
from tests.cluster.tenants import Stage, Tenant

pytestmark = pytest.mark.cluster

TIME_SCALE = 1

CREATE = "create_ott_channel_info"
DELETE = "delete_ott_channel_info"
LIST = "list_ott_channel_info"
INPUT = "modify_ott_channel_info_input"
RECORD = "modify_ott_channel_info_record_settings"
ENDPOINTS = "modify_ott_channel_info_end_points"
GENERAL = "modify_ott_channel_info_general"
STATE = "modify_ott_channel_info_stats"

HANGS: dict[str, Any] = {"delay": 600, "drop": "before", "times": None}


def crash(stage: Stage, tenant: Tenant) -> None:
    """Kill the operator, and start another one in a cloud that answers again."""
    stage.scene.operator.stop()
    tenant.heal()
    stage.start()


def test_killed_before_the_creation(stage: Stage, tenant: Tenant) -> None:
    """Killed with the intent written and the POST under way without effect: the next operator makes the channel."""
    tenant.fault(CREATE, **HANGS)
    tenant.apply()
    tenant.until_called(CREATE)

    crash(stage, tenant)

    tenant.until_ready()
    assert tenant.only_channel()["starts"] == 1
    assert tenant.writes() == [CREATE, CREATE]


def test_killed_between_creation_and_status(stage: Stage, tenant: Tenant) -> None:
    """Killed when the POST was answered and nothing of that is written down: one channel, and no second POST."""
    tenant.fault(LIST, skip=1, **HANGS)
    tenant.apply()
    tenant.until_called(LIST, times=2)
    assert tenant.writes() == [CREATE]
    assert "lastApplied" not in tenant.scene.status(tenant.name)

    crash(stage, tenant)

    tenant.until_ready()
    assert tenant.only_channel()["starts"] == 1
    assert tenant.writes() == [CREATE]


def test_killed_while_the_creation_is_under_way(stage: Stage, tenant: Tenant) -> None:
    """A POST that takes effect after its sender was killed, while the next operator is at work, makes one channel."""
    tenant.fault(CREATE, delay=2)
    tenant.apply()
    tenant.until_called(CREATE)

    crash(stage, tenant)

    tenant.until_ready()
    tenant.scene.until("the first POST is over", lambda: all(call["status"] for call in tenant.calls(CREATE)))
    assert tenant.only_channel()["starts"] == 1


@dataclass(frozen=True)
class Moment:
    """The call that hangs when the operator is killed, and the calls that were made before."""

    hangs: str
    made: tuple[str, ...]

    @property
    def fault(self) -> dict[str, Any]:
        """Makes it hang: the first of its kind that is not among those that are made."""
        return {**HANGS, "operation": self.hangs, "skip": self.made.count(self.hangs)}

    def has_come(self, writes: list[str]) -> bool:
        """Whether the call is under way."""
        return writes == [*self.made, self.hangs]


CHANGE = (STATE, INPUT, ENDPOINTS, GENERAL, STATE)
CHANGES = {f"{number} calls made": Moment(call, CHANGE[:number]) for number, call in enumerate(CHANGE)}
DELETIONS = {"before the stop": Moment(STATE, ()), "before DELETE": Moment(DELETE, (STATE,))}


def test_killed_amid_a_change_of_three_sections(stage: Stage) -> None:
    """Killed after any of the calls: the next operator makes the others, and the channel was interrupted once."""
    crowd = stage.crowd(CHANGES)
    crowd.ready()
    for label, moment in CHANGES.items():
        crowd[label].fault(**moment.fault)
    crowd.patch(
        name="Late news",
        input={"sources": [{"url": "srt://198.51.100.30:9000", "bitrate": 4000000}]},
        recordSettings={"rollingbufferDuration": 0},
    )
def test_killed_between_a_change_and_its_journal(stage: Stage, tenant: Tenant) -> None:
    """Killed when a PUT has taken effect and nobody has heard so: it is not made again, the channel restarted once."""
    tenant.ready()
    tenant.fault(RECORD, drop="after")
    tenant.fault(LIST, **HANGS)
    tenant.patch(recordSettings={"rollingbufferDuration": 3600})
    tenant.until_called(RECORD)
    tenant.scene.until("the answer is known to be lost", lambda: tenant.condition("Synced")["reason"] != "InSync")

    crash(stage, tenant)

    tenant.until_ready()
    assert tenant.writes() == [RECORD]
    assert tenant.only_channel()["interruptions"] == 1


def test_killed_amid_the_rotation_of_a_passphrase(stage: Stage, tenant: Tenant) -> None:
    """Killed when a new passphrase was written and that is not written down: it is not written again."""
    source = {"url": "srt://198.51.100.20:9000", "bitrate": 6000000}
    phrase = {"passphraseSecretRef": {"name": "srt", "key": "passphrase"}, "pbkeylen": 16}
    tenant.scene.apply(secret("srt", passphrase="first-passphrase"))
    tenant.ready(input={"inputProtocol": "SRT_PULL", "sources": [{**source, **phrase}]})
    tenant.fault(INPUT, drop="after")
    tenant.fault(LIST, **HANGS)
    tenant.scene.apply(secret("srt", passphrase="second-passphrase"))
    tenant.until_called(INPUT)

    crash(stage, tenant)

    tenant.until_ready()
    assert tenant.writes() == [INPUT]
    assert tenant.only_channel()["channel"]["input"]["sources"][0]["passphrase"] == "second-passphrase"


@pytest.mark.parametrize("hangs", [STATE, DELETE, LIST])
def test_killed_amid_a_deletion(stage: Stage, tenant: Tenant, hangs: str) -> None:
    """Killed before the stop, before DELETE, or after it: object and channel go, and nothing is made or cut again."""
    tenant.ready()
    tenant.fault(hangs, **HANGS)
    tenant.delete()
    tenant.until_called(DELETE if hangs == LIST else hangs)
    if hangs == LIST:
        tenant.scene.until("DELETE is answered", lambda: tenant.calls(DELETE)[0]["status"])

    crash(stage, tenant)

    tenant.until_gone()
    assert tenant.in_cloud() == []
    assert tenant.writes() == {STATE: [STATE, STATE, DELETE], DELETE: [STATE, DELETE, DELETE], LIST: [STATE, DELETE]}[hangs]


def test_killed_while_nothing_is_to_be_done(stage: Stage, tenant: Tenant) -> None:
    """A restart alone writes nothing: neither to the cloud nor to the object."""
    tenant.ready()
    before = tenant.scene.get(tenant.name)
    stage.restart()

    seen = len(tenant.calls(LIST))
    tenant.until_called(LIST, times=seen + 3)

    assert tenant.writes() == []
    after = tenant.scene.get(tenant.name)
    assert before is not None
    assert after is not None
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


def test_the_object_is_deleted_while_no_operator_runs(stage: Stage, tenant: Tenant) -> None:
    """A deletion that no operator saw is made good by the next one."""
    tenant.ready()
    stage.scene.operator.stop()
    tenant.delete()

    stage.start()

    tenant.until_gone()
    assert tenant.writes() == [STATE, DELETE]
    assert tenant.in_cloud() == []
