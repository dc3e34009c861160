"""The operator is killed (SIGKILL) at the worst moments; the next one finds its way from what cluster and cloud say.

A moment is held open by a fault of the cloud: the call after it hangs, and never takes effect. At the end there is one
channel, nothing was done twice, and no interruption beyond the one that the change costs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.builders import secret
from tests.cluster.tenants import Stage, Tenant, condition_of

pytestmark = pytest.mark.cluster

TIME_SCALE = 1

CREATE = "create_ott_channel_info"
DELETE = "delete_ott_channel_info"
LIST = "list_ott_channel_info"
INPUT = "modify_ott_channel_info_input"
RECORD = "modify_ott_channel_info_record_settings"
GENERAL = "modify_ott_channel_info_general"
STATE = "modify_ott_channel_info_stats"

HANGS: dict[str, Any] = {"delay": 600, "drop": "before", "times": None}


def crash(stage: Stage, heal: Callable[[], None]) -> None:
    """Kill the operator, and start another one in a cloud that answers again."""
    stage.scene.operator.stop()
    heal()
    stage.start()


def test_killed_before_the_creation(stage: Stage, tenant: Tenant) -> None:
    """Killed with the intent written and the POST under way without effect: the next operator makes the channel."""
    tenant.fault(CREATE, **HANGS)
    tenant.apply()
    tenant.until_called(CREATE)

    crash(stage, tenant.heal)

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

    crash(stage, tenant.heal)

    tenant.until_ready()
    assert tenant.only_channel()["starts"] == 1
    assert tenant.writes() == [CREATE]


def test_killed_while_the_creation_is_under_way(stage: Stage, tenant: Tenant) -> None:
    """A POST that takes effect after its sender was killed, while the next operator is at work, makes one channel."""
    tenant.fault(CREATE, delay=2)
    tenant.apply()
    tenant.until_called(CREATE)

    crash(stage, tenant.heal)

    tenant.until_ready()
    tenant.scene.until("the first POST is over", lambda: all(call["status"] for call in tenant.calls(CREATE)))
    assert tenant.only_channel()["starts"] == 1


@dataclass(frozen=True)
class Moment:
    """The call that hangs when the operator is killed, the calls made before it, and those left for the next one."""

    hangs: str
    made: tuple[str, ...]
    left: tuple[str, ...]

    def hold(self, tenant: Tenant) -> None:
        """Make the call hang, but none before it."""
        tenant.fault(self.hangs, skip=self.made.count(self.hangs), **HANGS)

    @property
    def before(self) -> list[str]:
        """The calls when the operator is killed."""
        return [*self.made, self.hangs]

    @property
    def after(self) -> list[str]:
        """The calls at the end."""
        return [*self.made, self.hangs, *self.left]


CHANGE = (STATE, INPUT, RECORD, GENERAL, STATE)
CHANGES = {f"{made} calls made": Moment(CHANGE[made], CHANGE[:made], CHANGE[made:]) for made in range(len(CHANGE))}
DELETIONS = {
    "before the stop": Moment(STATE, (), (STATE, DELETE)),
    "before DELETE": Moment(DELETE, (STATE,), (DELETE,)),
    "before the look after DELETE": Moment(DELETE, (STATE,), ()),
}


def test_killed_amid_a_change_of_three_sections(stage: Stage) -> None:
    """Killed after any of the calls: the next operator makes the others, and the channel was interrupted once."""
    crowd = stage.crowd(CHANGES)
    crowd.ready()
    for label, moment in CHANGES.items():
        moment.hold(crowd[label])
    crowd.patch(
        name="Late news",
        input={"sources": [{"url": "srt://198.51.100.30:9000", "bitrate": 4000000}]},
        recordSettings={"rollingbufferDuration": 3600},
    )
    crowd.until_written({label: moment.before for label, moment in CHANGES.items()})

    crash(stage, crowd.heal)

    objects = crowd.until_ready()
    assert crowd.writes() == {label: moment.after for label, moment in CHANGES.items()}
    assert crowd.count("interruptions") == {label: [1] for label in CHANGES}
    assert crowd.count("starts") == {label: [2] for label in CHANGES}
    assert {obj["status"]["channel"]["state"] for obj in objects.values()} == {"ON"}
    assert {obj["status"]["statistics"]["restarts"]["count"] for obj in objects.values()} == {1}
    crowd.leave()


def test_killed_between_a_change_and_its_journal(stage: Stage, tenant: Tenant) -> None:
    """Killed when a PUT has taken effect and nobody has heard so: it is not made again, the channel restarted once."""
    tenant.ready()
    tenant.fault(RECORD, drop="after")
    tenant.fault(LIST, **HANGS)
    tenant.patch(recordSettings={"rollingbufferDuration": 3600})
    tenant.scene.until("the answer is known to be lost", lambda: tenant.condition("Synced")["reason"] != "InSync")

    crash(stage, tenant.heal)

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

    crash(stage, tenant.heal)

    tenant.until_ready()
    assert tenant.writes() == [INPUT]
    assert tenant.only_channel()["channel"]["input"]["sources"][0]["passphrase"] == "second-passphrase"


def test_killed_amid_a_deletion(stage: Stage) -> None:
    """Killed before the stop, before DELETE, or after it: object and channel go, and nothing is made or cut again."""
    crowd = stage.crowd(DELETIONS)
    crowd.ready()
    for label in ("before the stop", "before DELETE"):
        DELETIONS[label].hold(crowd[label])
    crowd["before the look after DELETE"].fault(LIST, **HANGS)
    crowd.delete()
    crowd.until_written({label: moment.before for label, moment in DELETIONS.items()})

    crash(stage, crowd.heal)

    crowd.until("they are gone", lambda obj: not obj)
    assert crowd.writes() == {label: moment.after for label, moment in DELETIONS.items()}
    assert crowd.count("stops") == {label: [] for label in DELETIONS}


def test_killed_while_nothing_is_to_be_done(stage: Stage, tenant: Tenant) -> None:
    """A restart alone writes nothing, neither to the cloud nor to the object, once all that there is was read."""
    tenant.ready()
    crash(stage, tenant.heal)
    tenant.scene.until("Cloud Eye was read", lambda: tenant.scene.status(tenant.name).get("monitoring"))
    before = tenant.scene.get(tenant.name)

    crash(stage, tenant.heal)

    seen = len(tenant.calls(LIST))
    tenant.until_called(LIST, times=seen + 2)
    assert tenant.writes() == []
    assert tenant.scene.get(tenant.name) == before


def test_what_happens_while_no_operator_runs(stage: Stage) -> None:
    """A deletion, a change and a drift that no operator saw are made good by the next one."""
    crowd = stage.crowd(["deleted", "changed", "drifted"])
    crowd.ready()
    stage.scene.operator.stop()
    crowd["deleted"].delete()
    crowd["changed"].patch(recordSettings={"rollingbufferDuration": 3600})
    stage.scene.cloud.admin("PATCH", crowd["drifted"].place(), {"record_settings": {"rollingbuffer_duration": 60}})

    stage.start()

    crowd["deleted"].until_gone()
    crowd["changed"].until_ready()
    crowd["drifted"].until_says("Synced", "DriftDetected")
    assert crowd.writes() == {"deleted": [STATE, DELETE], "changed": [RECORD], "drifted": []}
    assert condition_of(crowd.objects()["drifted"], "Ready")["status"] == "True"
    crowd.leave()
