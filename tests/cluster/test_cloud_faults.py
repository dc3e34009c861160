"""The cloud misbehaves: answers that are lost, wrong or refuse everything, and lists that are not whole.

Whatever it does, nothing is made twice, no finalizer is dropped before the channel is gone, a channel on air is not
interrupted for it, and all goes on by itself once the cloud behaves again.
"""

from typing import Any

import pytest

from tests.cluster.tenants import Tenant

pytestmark = pytest.mark.cluster

TIME_SCALE = 20

CREATE = "create_ott_channel_info"
DELETE = "delete_ott_channel_info"
LIST = "list_ott_channel_info"
RECORD = "modify_ott_channel_info_record_settings"
STATE = "modify_ott_channel_info_stats"

Fault = dict[str, Any]

_FAILED = '{"result_code": "LIVE.100011005", "result_msg": "internal error"}'
TROUBLES: dict[str, Fault] = {
    "no such API": {"status": 404, "code": "APIGW.0101"},
    "not authenticated": {"status": 401, "code": "APIGW.0301"},
    "token too old": {"status": 401, "code": "APIGW.0307"},
    "forbidden": {"status": 403, "code": "APIGW.0302"},
    "throttled": {"status": 429, "code": "APIGW.0308"},
    "throttled for a while": {"status": 429, "code": "APIGW.0308", "retry_after": 5},
    "throttled by the service": {"status": 500, "code": "LIVE.100011007"},
    "internal error": {"status": 500, "code": "LIVE.100011005"},
    "bad gateway in HTML": {"status": 502, "body": "<html><h1>502 Bad Gateway</h1></html>"},
    "success in HTML": {"status": 200, "body": "<html>Welcome</html>"},
    "success without a word": {"status": 200, "body": ""},
    "truncated JSON": {"status": 200, "body": '{"total": 1, "chan', "content_type": "application/json"},
    "failure in a success": {"status": 200, "body": _FAILED, "content_type": "application/json"},
    "silence": {"drop": "before"},
    "a hang that ends in silence": {"delay": 2, "drop": "before"},
}
# They say that the credentials, or the whole API, are not what they should be: Ready cannot be vouched for.
_NOT_PASSING = {"no such API", "not authenticated", "token too old", "forbidden"}
_MAY_HAVE_EFFECT = {name for name, fault in TROUBLES.items() if fault.get("status") in (200, 500, 502)}


def _named(*names: str) -> Any:
    return pytest.mark.parametrize("trouble", names or tuple(TROUBLES))


@_named()
def test_a_channel_is_created_when_the_lists_work_again(tenant: Tenant, trouble: str) -> None:
    """While the cloud cannot be read nothing is created and no finalizer is set; then one POST makes the channel."""
    tenant.fault(LIST, times=None, **TROUBLES[trouble])
    tenant.apply()

    told = tenant.scene.until("it says what is wrong", lambda: tenant.condition("Synced").get("message"))
    assert told.startswith("Reading the channel: ")
    found = tenant.scene.get(tenant.name)
    assert found is not None
    assert "finalizers" not in found["metadata"]
    assert tenant.writes() == []

    tenant.heal()
    status = tenant.until_ready()
    assert tenant.writes() == [CREATE]
    assert {each["type"]: each["status"] for each in status["conditions"]}["CredentialsReady"] == "True"


@_named()
def test_a_creation_that_fails_makes_one_channel(tenant: Tenant, trouble: str) -> None:
    """Two refused POSTs in a row are told, and the third makes the only channel there is."""
    tenant.fault(CREATE, times=2, **TROUBLES[trouble])
    tenant.apply()

    tenant.until_ready()

    assert tenant.only_channel()["starts"] == 1
    assert tenant.writes() == [CREATE] * 3


@_named(*sorted(_MAY_HAVE_EFFECT))
def test_a_creation_whose_answer_lies_is_not_repeated(tenant: Tenant, trouble: str) -> None:
    """A POST that took effect although its answer says otherwise, or nothing, is found out by a read."""
    tenant.fault(CREATE, times=1, effect=True, **TROUBLES[trouble])
    tenant.apply()

    tenant.until_ready()

    assert tenant.only_channel()["starts"] == 1
    assert tenant.writes()[0] == CREATE
    assert len(tenant.writes()) <= (2 if trouble == "throttled by the service" else 1)


@_named()
def test_a_channel_on_air_is_left_alone_while_the_lists_fail(tenant: Tenant, trouble: str) -> None:
    """While the cloud cannot be read a running channel stays Ready, or Unknown at most, and nothing is written."""
    before = tenant.ready()
    tenant.fault(LIST, times=None, **TROUBLES[trouble])
    tenant.look("during the trouble")

    tenant.scene.until("it says what is wrong", lambda: tenant.condition("Synced").get("reason") != "InSync")
    ready = tenant.condition("Ready")
    assert ready["status"] == ("Unknown" if trouble in _NOT_PASSING else "True")
    if trouble not in _NOT_PASSING:
        assert ready == next(each for each in before["conditions"] if each["type"] == "Ready")
    assert tenant.writes() == []

    tenant.heal()
    tenant.until_ready()
    assert tenant.writes() == []
    assert tenant.only_channel()["interruptions"] == 0


@_named()
def test_a_deletion_outlasts_refusals(tenant: Tenant, trouble: str) -> None:
    """While DELETE and the lists fail the finalizer stays; then the channel goes, and the object after it."""
    tenant.ready()
    tenant.fault(DELETE, times=None, **TROUBLES[trouble])
    tenant.fault(LIST, times=None, **TROUBLES[trouble])
    tenant.delete()

    tenant.until_called(STATE)
    told = tenant.scene.until("it says what is wrong", lambda: _deletion_trouble(tenant))
    assert told.startswith("Deleting the channel: ")
    found = tenant.scene.get(tenant.name)
    assert found is not None
    assert found["metadata"]["finalizers"]
    assert tenant.only_channel()["stops"] == 1

    tenant.heal()
    tenant.until_gone()
    assert tenant.in_cloud() == []


def _deletion_trouble(tenant: Tenant) -> str | None:
    message = str(tenant.condition("Synced").get("message", ""))
    return message if message.startswith("Deleting") else None


@_named("silence", "throttled", "internal error", "success in HTML")
def test_a_change_outlasts_refusals(tenant: Tenant, trouble: str) -> None:
    """A change that is refused three times keeps the channel on air, and is then made with one interruption."""
    tenant.ready()
    tenant.fault(RECORD, times=3, **TROUBLES[trouble])
    tenant.patch(recordSettings={"rollingbufferDuration": 3600})

    tenant.until_ready()

    assert tenant.writes() == [RECORD] * 4
    assert tenant.only_channel()["interruptions"] == 1


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_to_the_creation_makes_one_channel(tenant: Tenant, drop: str) -> None:
    """A POST whose answer is lost is repeated only when it had no effect."""
    tenant.fault(CREATE, drop=drop)
    tenant.apply()

    tenant.until_ready()

    assert tenant.only_channel()["starts"] == 1
    assert tenant.writes() == [CREATE] * (2 if drop == "before" else 1)


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_to_a_change_interrupts_once(tenant: Tenant, drop: str) -> None:
    """A PUT whose answer is lost is repeated only when it had no effect: the channel is interrupted once."""
    tenant.ready()
    tenant.fault(RECORD, drop=drop)
    tenant.patch(recordSettings={"rollingbufferDuration": 3600})

    tenant.until_ready()

    assert tenant.only_channel()["interruptions"] == 1
    assert tenant.writes() == [RECORD] * (2 if drop == "before" else 1)


@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize(("before", "after", "counter"), [("Running", "Stopped", "stops"), ("Stopped", "Running", "starts")])
def test_a_lost_answer_to_a_start_or_stop(tenant: Tenant, drop: str, before: str, after: str, counter: str) -> None:
    """Starting and stopping are repeated only when they had no effect."""
    tenant.ready(desiredState=before)
    tenant.fault(STATE, drop=drop)
    tenant.patch(desiredState=after)

    tenant.until_ready()

    assert tenant.only_channel()[counter] == 1
    assert tenant.writes() == [STATE] * (2 if drop == "before" else 1)


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_to_the_deletion(tenant: Tenant, drop: str) -> None:
    """A DELETE is repeated only when the channel still shows; the object goes once it does not."""
    tenant.ready()
    tenant.fault(DELETE, drop=drop)
    tenant.delete()

    tenant.until_gone()

    assert tenant.in_cloud() == []
    assert tenant.writes() == [STATE, *[DELETE] * (2 if drop == "before" else 1)]


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_amid_a_change_of_several_sections(tenant: Tenant, drop: str) -> None:
    """When an answer is lost amid several PUTs the channel is put on air again; what was written is not repeated."""
    tenant.ready()
    tenant.fault(RECORD, drop=drop)
    tenant.patch(name="Late news", recordSettings={"rollingbufferDuration": 3600})

    tenant.until_ready()

    channel = tenant.only_channel()
    assert channel["channel"]["state"] == "ON"
    assert channel["interruptions"] <= 2
    assert tenant.writes().count(RECORD) == (2 if drop == "before" else 1)


def test_a_stale_list_repeats_no_write(tenant: Tenant) -> None:
    """While the cloud shows what was there before a change, the change is not written again."""
    tenant.ready()
    tenant.fault(LIST, times=None, stale=True)
    tenant.patch(recordSettings={"rollingbufferDuration": 3600})
    tenant.until_called(RECORD)
    tenant.until_called(LIST, times=len(tenant.calls(LIST)) + 3)

    tenant.heal()
    tenant.until_ready()

    assert tenant.writes() == [RECORD]
    assert tenant.only_channel()["interruptions"] == 1


def test_a_list_that_does_not_show_a_new_channel_yet(tenant: Tenant) -> None:
    """A channel that does not show right after its creation is not created twice."""
    tenant.fault(LIST, skip=1, times=2, stale=True)
    tenant.apply()

    tenant.until_ready()

    assert tenant.writes() == [CREATE]


def test_a_torn_list_is_no_proof(tenant: Tenant) -> None:
    """A list whose pages miss records never makes a channel pass for missing, nor lets a deletion end."""
    before = tenant.ready()
    tenant.fault(LIST, times=None, torn=True)
    seen = len(tenant.calls(LIST))
    tenant.until_called(LIST, times=seen + 4)

    assert tenant.condition("Ready") == next(each for each in before["conditions"] if each["type"] == "Ready")
    assert tenant.writes() == []
    tenant.delete()
    tenant.until_called(DELETE)
    tenant.heal()
    tenant.until_gone()
    assert tenant.in_cloud() == []


def test_a_throttled_account_says_that_it_waits(tenant: Tenant) -> None:
    """A call that is refused for its number is told as waiting, with no failure of the channel."""
    tenant.ready()
    tenant.fault(RECORD, times=1, **TROUBLES["throttled for a while"])
    tenant.patch(recordSettings={"rollingbufferDuration": 3600})

    waits = tenant.until_says("Reconciling", "RateLimited")

    assert waits["status"] == "True"
    tenant.until_ready()
    assert tenant.writes() == [RECORD, RECORD]
