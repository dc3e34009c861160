"""Who owns a channel that several objects name, and who had a playback URL first."""

from typing import Any

import pytest

from medialive_operator.cluster.objects import Key
from medialive_operator.controller.claims import Claims

Manifest = dict[str, Any]
HOME = {"endpoint": "https://live.example.com", "projectId": "p1"}
ELSEWHERE = {"endpoint": "https://live.example.com", "projectId": "p2"}


def key(name: str) -> Key:
    return Key("ottchannels", "studio", name)


def obj(name: str, made: int = 1, **parts: Any) -> Manifest:
    """An object made at a minute of the day; `spec` and `status` may be given."""
    spec = {"domain": "push.example.com", "appName": "live", "channelId": "news", **parts.get("spec", {})}
    meta = {"name": name, "uid": f"uid-{name}", "creationTimestamp": f"2026-01-01T00:{made:02}:00Z"}
    return {"metadata": meta, "spec": spec, "status": parts.get("status", {})}


def endpoints(*urls: str) -> Manifest:
    return {
        "endpoints": [{"hlsPackage": [{"url": url} for url in urls[:1]], "dashPackage": [{"url": u} for u in urls[1:]]}]
    }


@pytest.fixture
def claims() -> Claims:
    return Claims()


def test_the_older_object_owns(claims: Claims) -> None:
    """Of two objects that name one channel the one that was made first owns it, whichever was seen first."""
    claims.put(key("younger"), obj("younger", 2))
    claims.put(key("older"), obj("older", 1))

    assert claims.owner_before(key("younger")) == key("older")
    assert claims.owner_before(key("older")) is None


def test_who_has_begun_to_create_owns(claims: Claims) -> None:
    """An intent that is written down, or an adoption, comes before age: the channel is that object's already."""
    claims.put(key("older"), obj("older", 1))
    claims.put(key("creator"), obj("creator", 2, status={"create": {"startedAt": "x"}}))

    assert claims.owner_before(key("older")) == key("creator")
    assert claims.owner_before(key("creator")) is None


def test_objects_made_in_one_second_do_not_both_own(claims: Claims) -> None:
    """The uid decides between objects of the same age."""
    claims.put(key("a"), obj("a"))
    claims.put(key("b"), obj("b"))

    assert [claims.owner_before(key("a")), claims.owner_before(key("b"))] == [None, key("a")]


def test_two_accounts_may_have_channels_of_one_name(claims: Claims) -> None:
    """Objects whose channels were created in different projects are no rivals; one not created yet may be."""
    claims.put(key("here"), obj("here", 1, status={"endpointRef": HOME, "create": {}}))
    claims.put(key("there"), obj("there", 2, status={"endpointRef": ELSEWHERE, "create": {}}))
    claims.put(key("new"), obj("new", 3))

    assert claims.owner_before(key("there")) is None
    assert claims.owner_before(key("new")) == key("here")


def test_an_observer_claims_nothing(claims: Claims) -> None:
    """An object with managementPolicy Observe neither owns nor is kept from looking."""
    claims.put(key("observer"), obj("observer", 1, spec={"managementPolicy": "Observe"}))
    claims.put(key("manager"), obj("manager", 2))

    assert claims.owner_before(key("manager")) is None
    assert claims.owner_before(key("observer")) is None


def test_the_name_of_the_object_is_the_default_id(claims: Claims) -> None:
    """An object without channelId claims the channel of its own name."""
    claims.put(key("news"), obj("news", 1, spec={"channelId": None}))
    claims.put(key("other"), obj("other", 2))

    assert claims.owner_before(key("other")) == key("news")


def test_rivals_are_woken(claims: Claims) -> None:
    """Who shares a channel or a URL hears of a new rival, of its change, and of its end; nobody else does."""
    claims.put(key("a"), obj("a", 1, spec=endpoints("u1")))
    claims.put(key("c"), obj("c", 1, spec={"channelId": "other"}))

    assert claims.put(key("b"), obj("b", 2, spec={"channelId": "b", **endpoints("u0", "u1")})) == {key("a")}
    assert claims.put(key("b"), obj("b", 2, spec={"channelId": "b", **endpoints("u0", "u1")})) == set()
    assert claims.put(key("b"), obj("b", 2, spec={"channelId": "other"})) == {key("a"), key("c")}
    assert claims.drop(key("b")) == {key("c")}
    assert claims.drop(key("b")) == set()


def test_a_url_belongs_to_whom_had_it_first(claims: Claims) -> None:
    """The younger of two objects with one playback URL is told which URL, and whose it is."""
    claims.put(key("older"), obj("older", 1, spec={"channelId": "a", **endpoints("u1", "u2")}))
    claims.put(key("younger"), obj("younger", 2, spec={"channelId": "b", **endpoints("u3", "u2")}))

    assert claims.taken_url(key("younger")) == ("u2", key("older"))
    assert claims.taken_url(key("older")) is None


def test_a_freed_url_is_free(claims: Claims) -> None:
    """A URL that its owner gave up can be had by another."""
    claims.put(key("older"), obj("older", 1, spec={"channelId": "a", **endpoints("u1")}))
    claims.put(key("younger"), obj("younger", 2, spec={"channelId": "b", **endpoints("u1")}))

    claims.put(key("older"), obj("older", 1, spec={"channelId": "a", **endpoints("u4")}))

    assert claims.taken_url(key("younger")) is None
