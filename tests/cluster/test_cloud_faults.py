"""The cloud misbehaves: answers that are lost, wrong or refuse everything, and lists that are not whole.

Whatever it does, nothing is made twice, no finalizer is dropped before the channel is gone, a channel on air is not
interrupted for it, and all goes on by itself once the cloud behaves again.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.cluster.scenes import Manifest
from tests.cluster.tenants import Crowd, Stage, Tenant, condition_of

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
UNSURE = {"no such API", "not authenticated", "token too old", "forbidden"}
# What may be answered although the call took effect.
LIES = {name: {**TROUBLES[name], "effect": True} for name in TROUBLES if TROUBLES[name].get("status") in (200, 502)}
DROPS: dict[str, Fault] = {"no effect": {"drop": "before"}, "effect": {"drop": "after"}}


@pytest.fixture
def crowd(stage: Stage) -> Iterator[Crowd]:
    """A tenant for each trouble."""
    crowd = stage.crowd(TROUBLES)
    yield crowd
    crowd.leave()


@pytest.fixture
def pair(stage: Stage) -> Iterator[Crowd]:
    """A tenant whose call is lost before it has an effect, and one whose answer is."""
    pair = stage.crowd(DROPS)
    yield pair
    pair.leave()


def _each(crowd: Mapping[str, Fault], told: object) -> dict[str, Any]:
    return dict.fromkeys(crowd, told)


def _says(obj: Manifest, beginning: str) -> bool:
    return str(condition_of(obj, "Synced").get("message", "")).startswith(beginning)


def test_a_channel_is_created_when_the_lists_work_again(crowd: Crowd) -> None:
    """While the cloud cannot be read nothing is created and no finalizer is set; then one POST makes the channel."""
    crowd.fault(LIST, TROUBLES, times=None)
    crowd.apply()

    objects = crowd.until("it says what is wrong", lambda obj: _says(obj, "Reading the channel: "))
    assert {label for label, obj in objects.items() if "finalizers" in obj["metadata"]} == set()
    assert crowd.writes() == _each(TROUBLES, [])

    crowd.heal()
    objects = crowd.until_ready()
    assert crowd.writes() == _each(TROUBLES, [CREATE])
    assert {condition_of(obj, "CredentialsReady")["status"] for obj in objects.values()} == {"True"}


def test_a_creation_that_fails_makes_one_channel(crowd: Crowd) -> None:
    """Two POSTs that fail in a row are followed by a third, which makes the only channel there is."""
    crowd.fault(CREATE, TROUBLES, times=2)
    crowd.apply()

    crowd.until_ready()

    assert crowd.count("starts") == _each(TROUBLES, [1])
    assert crowd.writes() == _each(TROUBLES, [CREATE] * 3)


def test_a_creation_whose_answer_lies_is_not_repeated(stage: Stage) -> None:
    """A POST that took effect although its answer does not say so is found out by a read."""
    crowd = stage.crowd(LIES)
    crowd.fault(CREATE, LIES)
    crowd.apply()

    crowd.until_ready()

    assert crowd.count("starts") == _each(LIES, [1])
    assert crowd.writes() == _each(LIES, [CREATE])
    crowd.leave()


def test_a_channel_on_air_is_left_alone_while_the_lists_fail(crowd: Crowd) -> None:
    """While the cloud cannot be read a running channel stays Ready, or Unknown at most, and nothing is written."""
    before = crowd.ready()
    crowd.fault(LIST, TROUBLES, times=None)
    crowd.look("during-the-trouble")

    during = crowd.until("it says what is wrong", lambda obj: _says(obj, "Reading the channel: "))
    ready = {label: condition_of(obj, "Ready") for label, obj in during.items()}
    assert {label for label, told in ready.items() if told["status"] == "Unknown"} == UNSURE
    stay = TROUBLES.keys() - UNSURE
    assert {label: ready[label] for label in stay} == {label: condition_of(before[label], "Ready") for label in stay}

    crowd.heal()
    crowd.until_ready()
    assert crowd.writes() == _each(TROUBLES, [])
    assert crowd.count("interruptions") == _each(TROUBLES, [0])


def test_a_deletion_outlasts_refusals(crowd: Crowd) -> None:
    """While DELETE and the lists fail the finalizer stays; then the channel goes, and the object after it."""
    crowd.ready()
    crowd.fault(DELETE, TROUBLES, times=None)
    crowd.fault(LIST, TROUBLES, times=None)
    crowd.delete()

    objects = crowd.until("it says what is wrong", lambda obj: _says(obj, "Deleting the channel: "))
    assert {label for label, obj in objects.items() if not obj["metadata"]["finalizers"]} == set()
    assert crowd.count("stops") == _each(TROUBLES, [1])

    crowd.heal()
    crowd.until("they are gone", lambda obj: not obj)
    assert crowd.count("stops") == _each(TROUBLES, [])


def test_a_change_outlasts_refusals(crowd: Crowd) -> None:
    """A change that fails twice is made the third time, with one interruption."""
    crowd.ready()
    crowd.fault(RECORD, TROUBLES, times=2)
    crowd.patch(recordSettings={"rollingbufferDuration": 3600})

    crowd.until_ready()

    assert crowd.writes() == _each(TROUBLES, [RECORD] * 3)
    assert crowd.count("interruptions") == _each(TROUBLES, [1])


def test_a_lost_answer_to_the_creation_makes_one_channel(pair: Crowd) -> None:
    """A POST whose answer is lost is repeated only when it had no effect."""
    pair.fault(CREATE, DROPS)
    pair.apply()

    pair.until_ready()

    assert pair.count("starts") == _each(DROPS, [1])
    assert pair.writes() == {"no effect": [CREATE] * 2, "effect": [CREATE]}


def test_a_lost_answer_to_a_change_interrupts_once(pair: Crowd) -> None:
    """A PUT whose answer is lost is repeated only when it had no effect: the channel is interrupted once."""
    pair.ready()
    pair.fault(RECORD, DROPS)
    pair.patch(recordSettings={"rollingbufferDuration": 3600})

    pair.until_ready()

    assert pair.count("interruptions") == _each(DROPS, [1])
    assert pair.writes() == {"no effect": [RECORD] * 2, "effect": [RECORD]}


@pytest.mark.parametrize(
    ("before", "after", "counter"), [("Running", "Stopped", "stops"), ("Stopped", "Running", "starts")]
)
def test_a_lost_answer_to_a_start_or_stop(pair: Crowd, before: str, after: str, counter: str) -> None:
    """Starting and stopping are repeated only when they had no effect."""
    pair.ready(desiredState=before)
    pair.fault(STATE, DROPS)
    pair.patch(desiredState=after)

    pair.until_ready()

    assert pair.count(counter) == _each(DROPS, [1])
    assert pair.writes() == {"no effect": [STATE] * 2, "effect": [STATE]}


def test_a_lost_answer_to_the_deletion(pair: Crowd) -> None:
    """A DELETE is repeated only when the channel still shows; the object goes once it does not."""
    pair.ready()
    pair.fault(DELETE, DROPS)
    pair.delete()

    pair.until("they are gone", lambda obj: not obj)

    assert pair.count("stops") == _each(DROPS, [])
    assert pair.writes() == {"no effect": [STATE, DELETE, DELETE], "effect": [STATE, DELETE]}


def test_a_lost_answer_amid_a_change_of_several_sections(pair: Crowd) -> None:
    """When an answer is lost amid several PUTs the channel is put on air again; what was written is not repeated."""
    pair.ready()
    pair.fault(RECORD, DROPS)
    pair.patch(name="Late news", recordSettings={"rollingbufferDuration": 3600})

    objects = pair.until_ready()

    assert {obj["status"]["channel"]["state"] for obj in objects.values()} == {"ON"}
    assert all(count <= 2 for counts in pair.count("interruptions").values() for count in counts)
    assert {label: writes.count(RECORD) for label, writes in pair.writes().items()} == {"no effect": 2, "effect": 1}


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
