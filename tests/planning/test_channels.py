"""The planner's decisions, case by case: what is written, what is held and why, and in which order."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import SECTIONS, Disruption, Section
from medialive_operator.planning.channels import (
    Attempt,
    DesiredChannel,
    Journal,
    Policy,
    journal_of,
    plan_channel,
    plan_deletion,
)
from medialive_operator.planning.merging import UNREADABLE
from medialive_operator.planning.steps import Cause, Hold, Plan, Step
from tests.planning.cloud_model import CloudModel, Habits
from tests.planning.following import CORRECT, OBSERVE, REPORT, Follower, created
from tests.planning.wishes import KEY, by_section, desired, switched

SOURCE = {"url": "srt://a", "passphrase": SecretStr("planted-secret-1")}
BASE: dict[str, Any] = {
    "input": {"input_protocol": "SRT_PULL", "sources": [SOURCE]},
    "encoder_settings": [{"template_id": "tpl-1"}],
    "record_settings": {"rollingbuffer_duration": 3600},
    "endpoints": [{"hls_package": [{"url": "play/a", "segment_duration_seconds": 4}]}],
    "name": "News",
}
OTHER_SOURCE: dict[str, Any] = {"input": {"input_protocol": "SRT_PULL", "sources": [{**SOURCE, "url": "srt://b"}]}}
ROTATED: dict[str, Any] = {
    "input": {"input_protocol": "SRT_PULL", "sources": [{**SOURCE, "passphrase": SecretStr("planted-secret-2")}]}
}
NO_RECORDING: dict[str, Any] = {"record_settings": {"rollingbuffer_duration": 0}}

INPUT, ENCODERS, RECORD, ENDPOINTS, NAME, STATE = SECTIONS


def wish(running: bool = True, **changed: Any) -> DesiredChannel:
    """The base with some members changed; None takes one away."""
    members = {name: value for name, value in {**BASE, **changed}.items() if value is not None}
    return desired(by_section(members), running=running)


def running(habits: Habits | None = None, **changed: Any) -> Follower:
    """A channel on air, made as wished."""
    return created(wish(**changed), CloudModel(habits))


def stopped(**changed: Any) -> Follower:
    """A stopped channel, made as wished."""
    return created(wish(running=False, **changed), CloudModel())


def told(plan: Plan) -> list[str]:
    """A plan in short: `section cause disruption`, for a state `ON` or `OFF` instead of the section."""
    return [f"{step.body.get('state') or step.section} {step.cause} {step.disruption}" for step in plan.steps]


def holds(plan: Plan) -> dict[str | None, Hold]:
    """What is held, and why."""
    return {held.section: held.hold for held in plan.held}


def test_a_channel_that_does_not_exist_is_created_whole() -> None:
    """One call with the key, every section and the state; secrets stay wrapped."""
    [step] = plan_channel(wish(), None, Journal(), REPORT).steps
    assert step.operation is Operation.CREATE_OTT_CHANNEL_INFO
    assert step.body == {**KEY, **BASE, "state": "ON"}
    assert step.disruption is Disruption.NONE


@pytest.mark.parametrize(
    ("changed", "steps"),
    [
        ({"name": "Sport"}, ["general SpecChanged Restart"]),
        (NO_RECORDING, ["record_settings SpecChanged Restart"]),
        (ROTATED, ["input SecretChanged Restart"]),
        ({"name": None}, ["general SpecChanged Restart"]),
        ({"encoder_settings": None}, ["encoder_settings SpecChanged Restart"]),
        (
            {**OTHER_SOURCE, "name": "Sport", "endpoints": None},
            [
                "OFF RestartAroundChanges Restart",
                "input SpecChanged None",
                "endpoints SpecChanged None",
                "general SpecChanged None",
                "ON RestartAroundChanges None",
            ],
        ),
    ],
)
def test_changes_on_air(changed: dict[str, Any], steps: list[str]) -> None:
    """One section is written alone; several are written between one stop and one start."""
    follower = running()
    plan = follower.follow(wish(**changed))
    assert told(plan) == steps
    assert plan.interruptions == follower.cloud.interruptions == 1


@pytest.mark.parametrize(
    ("taken_away", "body"),
    [
        ({"name": None}, {}),
        ({"encoder_settings": None}, {"encoder_settings": []}),
        ({"endpoints": None}, {"endpoints": []}),
    ],
)
def test_what_is_taken_away_is_sent_empty(taken_away: dict[str, Any], body: dict[str, Any]) -> None:
    """A list is sent empty; a name is left out, for the service may refuse an empty one."""
    [step] = running().plan(wish(**taken_away)).steps
    assert step.body == {**KEY, **body}


def test_further_output_settings_that_are_taken_away_are_sent_empty() -> None:
    """They go with the input, where leaving them out may keep them."""
    follower = running(encoder_settings_expand={"video_descriptions": {"gop_duration_seconds": 2}})
    [step] = follower.plan(wish()).steps
    assert step.operation is Operation.MODIFY_OTT_CHANNEL_INFO_INPUT
    assert step.body["encoder_settings_expand"] == {}
    assert step.body["input"]["sources"][0]["url"] == "srt://a"


def test_further_output_settings_that_nobody_set_are_carried_with_the_input() -> None:
    """Another source must not cost the output settings that somebody made in the console."""
    follower = running()
    follower.cloud.replace({"encoder_settings_expand": {"video_descriptions": {"gop_duration_seconds": 2}}})
    [step] = follower.plan(wish(**OTHER_SOURCE)).steps
    assert step.body["encoder_settings_expand"] == {"video_descriptions": {"gop_duration_seconds": 2}}


def test_stopping_goes_first() -> None:
    """A channel that is stopped anyway is stopped before the writes, which then interrupt nothing."""
    plan = running().plan(switched(wish(name="Sport", **NO_RECORDING), running=False))
    assert told(plan) == ["OFF SpecChanged Stop", "record_settings SpecChanged None", "general SpecChanged None"]


def test_starting_goes_last() -> None:
    """A channel is started with what is wanted; if it cannot be written, it is not started."""
    plan = stopped().plan(wish(name="Sport", **NO_RECORDING))
    assert told(plan) == ["record_settings SpecChanged None", "general SpecChanged None", "ON SpecChanged None"]
    assert [step.always for step in plan.steps] == [False, False, False]
    assert told(Plan(plan.after_failure(plan.steps[0], refused=True))) == ["general SpecChanged None"]
    assert plan.after_failure(plan.steps[0], refused=False) == ()


def test_a_spec_that_becomes_what_the_cloud_has_writes_nothing() -> None:
    """Whoever puts the console's change into the spec causes no call, and it counts as applied from then on."""
    follower = running()
    follower.cloud.replace({"name": "Sport"})
    assert follower.plan(wish(name="Sport")) == Plan(settled=frozenset(SECTIONS))
    assert follower.applied[NAME] == {"name": "Sport"}


def test_a_spec_change_takes_drift_of_its_section_with_it() -> None:
    """A section is written whole, so that a change of the spec writes what had drifted beside it too."""
    follower = running()
    follower.cloud.replace(
        {"input": {**BASE["input"], "ad_triggers": ["Splice insert"], "sources": [{"url": "srt://c"}]}}
    )
    plan = follower.plan(wish(**OTHER_SOURCE))
    assert told(plan) == ["input SpecChanged Restart"]


def test_a_spec_change_that_the_cloud_has_does_not_license_drift() -> None:
    """Half of a section became as wanted by itself; the other half drifted, and that is not the user's doing."""
    groups = [{"hls_package": [{"url": "play/a", "segment_duration_seconds": 2, "playlist_window_seconds": 12}]}]
    follower = running()
    follower.cloud.replace({"endpoints": groups})
    wanted = [{"hls_package": [{"url": "play/a", "segment_duration_seconds": 4, "playlist_window_seconds": 12}]}]
    assert holds(follower.plan(wish(endpoints=wanted))) == {ENDPOINTS: Hold.DRIFT}


@pytest.mark.parametrize("more", [{}, {"endpoints": None}])
def test_reported_drift_is_left_alone_by_other_changes(more: dict[str, Any]) -> None:
    """Drift on air is reported, also by a plan that takes the channel off air for something else."""
    follower = running()
    follower.cloud.replace({"input": {"input_protocol": "SRT_PULL", "sources": [{"url": "srt://rescue"}]}})
    plan = follower.plan(wish(name="Sport", **more))
    assert holds(plan) == {INPUT: Hold.DRIFT}
    assert INPUT not in {step.section for step in plan.steps}


def test_reported_drift_is_left_alone_by_a_resumed_plan() -> None:
    """A crash between stop and start changes nothing about that: the channel is about to be on air again."""
    follower = running()
    follower.cloud.replace({"input": {"input_protocol": "SRT_PULL", "sources": [{"url": "srt://rescue"}]}})
    wanted = wish(name="Sport", endpoints=None)
    follower.take(follower.plan(wanted).steps[0], wanted)
    plan = follower.follow(wanted)
    assert told(plan) == ["endpoints SpecChanged None", "general SpecChanged None", "ON Resume None"]
    assert holds(plan) == {INPUT: Hold.DRIFT}


@pytest.mark.parametrize(
    ("policy", "on_air", "steps", "held"),
    [
        (REPORT, True, [], {RECORD: Hold.DRIFT}),
        (CORRECT, True, ["record_settings Drift Restart"], {}),
        (REPORT, False, ["record_settings Drift None"], {}),
        (OBSERVE, True, [], {RECORD: Hold.OBSERVE_ONLY}),
        (OBSERVE, False, [], {RECORD: Hold.OBSERVE_ONLY}),
    ],
)
def test_drift(policy: Policy, on_air: bool, steps: list[str], held: dict[Section, Hold]) -> None:
    """Drift is corrected where that cuts nothing, and else by the policy."""
    follower = running() if on_air else stopped()
    follower.cloud.replace(NO_RECORDING)
    plan = follower.plan(wish(running=on_air), policy)
    assert told(plan) == steps
    assert holds(plan) == held


def test_drift_is_corrected_with_a_start() -> None:
    """A stopped channel goes on air as the spec has it, not as somebody left it."""
    follower = stopped()
    follower.cloud.replace(NO_RECORDING)
    assert told(follower.plan(wish())) == ["record_settings Drift None", "ON SpecChanged None"]


def test_drift_is_corrected_with_a_stop() -> None:
    """A channel that the user stops needs no protection any more."""
    follower = running()
    follower.cloud.replace(NO_RECORDING)
    assert told(follower.plan(wish(running=False))) == ["OFF SpecChanged Stop", "record_settings Drift None"]


def test_somebody_stopped_it() -> None:
    """A channel that should run is started again: that cuts nothing."""
    follower = running()
    follower.cloud.switch("OFF")
    plan = follower.plan(wish())
    assert told(plan) == ["ON Resume None"]
    assert plan.steps[0].always


@pytest.mark.parametrize(
    ("policy", "steps", "held"),
    [
        (REPORT, [], {STATE: Hold.DRIFT}),
        (CORRECT, ["OFF Drift Stop"], {}),
        (OBSERVE, [], {STATE: Hold.OBSERVE_ONLY}),
    ],
)
def test_somebody_started_it(policy: Policy, steps: list[str], held: dict[Section, Hold]) -> None:
    """A channel that should be stopped is cut only by policy."""
    follower = stopped()
    follower.cloud.switch("ON")
    plan = follower.plan(wish(running=False), policy)
    assert told(plan) == steps
    assert holds(plan) == held


@pytest.mark.parametrize(
    ("on_air", "wanted_on_air", "steps", "held"),
    [
        (False, True, ["record_settings Drift None", "ON SpecChanged None"], {}),
        (True, False, [], {RECORD: Hold.DRIFT, STATE: Hold.DRIFT}),
        (True, True, [], {RECORD: Hold.DRIFT}),
    ],
)
def test_a_channel_that_is_taken_over(
    on_air: bool, wanted_on_air: bool, steps: list[str], held: dict[Section, Hold]
) -> None:
    """Its journal has all sections but the state: what differs is drift, and one that is off is started as wanted."""
    follower = running() if on_air else stopped()
    follower.cloud.replace(NO_RECORDING)
    wanted = wish(running=wanted_on_air)
    follower.applied.pop(STATE)
    plan = follower.plan(wanted)
    assert told(plan) == steps
    assert holds(plan) == held


def test_without_a_journal_nothing_is_cut() -> None:
    """When no record of ours is left, what differs on air is reported: wishes and drift look alike."""
    follower = running()
    wanted = wish(running=False, **ROTATED, name="Sport")
    plan = plan_channel(wanted, follower.cloud.read(), Journal(), REPORT)
    assert plan.steps == ()
    assert holds(plan) == {INPUT: Hold.SECRET_UNCOMPARED, NAME: Hold.DRIFT, STATE: Hold.DRIFT}


@pytest.mark.parametrize("state", [None, "", "RESTARTING"])
def test_a_state_that_is_not_off_counts_as_on_air(state: str | None) -> None:
    """What the service does not say may be on air: it is neither cut nor started."""
    follower = running()
    reading = {**(follower.cloud.read() or {}), "state": state}
    drifted = {**reading, **NO_RECORDING}
    assert plan_channel(wish(), reading, follower.journal, REPORT).steps == ()
    assert holds(plan_channel(wish(), drifted, follower.journal, REPORT)) == {RECORD: Hold.DRIFT}
    assert told(plan_deletion(KEY, reading, only_when_stopped=False))[0] == "OFF Delete Stop"
    assert plan_deletion(KEY, reading, only_when_stopped=True).steps == ()


def test_a_lost_digest_is_reported_on_air() -> None:
    """Without the digest of what was written nobody knows whether the secret is the right one."""
    follower = running()
    follower.digests.clear()
    plan = follower.plan(wish())
    assert plan.steps == ()
    assert holds(plan) == {INPUT: Hold.SECRET_UNCOMPARED}
    assert INPUT not in plan.settled
    assert told(follower.plan(wish(), CORRECT)) == ["input Drift Restart"]


def test_secrets_without_any_digest_are_not_taken_for_equal() -> None:
    """Neither a digest of what was written nor one of what is wanted: nothing is known."""
    follower = running()
    follower.digests.clear()
    plan = follower.plan(replace(wish(), digests={}))
    assert holds(plan) == {INPUT: Hold.SECRET_UNCOMPARED}


def test_a_lost_digest_is_made_good_while_stopped() -> None:
    """Writing the secrets of a stopped channel cuts nothing."""
    follower = stopped()
    follower.digests.clear()
    follower.follow(wish(running=False))
    assert follower.plan(wish(running=False)) == Plan(settled=frozenset(SECTIONS))


def test_an_echo_makes_a_lost_digest_good() -> None:
    """When the service shows in clear what is wanted, it has it; nothing is written."""
    follower = running(Habits(secrets="echoed"))
    follower.digests.clear()
    assert follower.plan(wish()).steps == ()
    assert follower.digests == wish().digests


def test_observe_does_not_claim_to_know_secrets() -> None:
    """Nobody wrote them and nobody can read them: that is told, not taken for a difference."""
    follower = running()
    plan = plan_channel(wish(), follower.cloud.read(), Journal(), OBSERVE)
    assert holds(plan) == {INPUT: Hold.SECRET_UNCOMPARED}


def unreadable(wanted: DesiredChannel) -> DesiredChannel:
    """The same when the Secret with the passphrase cannot be read."""
    block = wanted.blocks[INPUT]["input"]
    sources = [{**source, "passphrase": UNREADABLE} for source in block["sources"]]
    blocks = {**wanted.blocks, INPUT: {"input": {**block, "sources": sources}}}
    return replace(wanted, blocks=blocks, digests={}, unreadable={INPUT: "Secret news-srt does not exist."})


def test_an_unreadable_secret_holds_its_section_only() -> None:
    """Other sections are written; the section is neither written nor taken for settled, so that it heals unharmed."""
    follower = running()
    plan = follower.follow(unreadable(wish(name="Sport", **OTHER_SOURCE)))
    assert told(plan) == ["general SpecChanged Restart"]
    assert holds(plan) == {INPUT: Hold.SECRET_MISSING}
    assert told(follower.plan(wish(name="Sport", **OTHER_SOURCE))) == ["input SpecChanged Restart"]


def test_an_unreadable_secret_that_comes_back_unchanged_costs_nothing() -> None:
    """A Secret that was gone for a while causes no write."""
    follower = running()
    assert follower.follow(unreadable(wish())).steps == ()
    assert follower.plan(wish()) == Plan(settled=frozenset(SECTIONS))


def test_nothing_is_created_with_an_unreadable_secret() -> None:
    """The creation waits until it can be whole."""
    plan = plan_channel(unreadable(wish()), None, Journal(), REPORT)
    assert plan.steps == ()
    assert holds(plan) == {INPUT: Hold.SECRET_MISSING}


def test_no_start_with_a_configuration_that_is_known_to_be_wrong() -> None:
    """A start waits for a section that differs and cannot be written, but not for a secret alone."""
    follower = stopped()
    assert holds(follower.plan(unreadable(wish(**OTHER_SOURCE)))) == {
        INPUT: Hold.SECRET_MISSING,
        STATE: Hold.SECRET_MISSING,
    }
    assert told(follower.plan(unreadable(wish()))) == ["ON SpecChanged None"]


def test_a_resumed_channel_does_not_wait_for_a_secret() -> None:
    """What was on air goes on air again, as it was."""
    follower = running()
    follower.cloud.switch("OFF")
    assert told(follower.plan(unreadable(wish(**OTHER_SOURCE)))) == ["ON Resume None"]


def test_a_foreign_secret_is_not_lost() -> None:
    """A passphrase that somebody set in the console would be lost by a write of the input: it is held, and told."""
    plain: dict[str, Any] = {"input": {"input_protocol": "SRT_PULL", "sources": [{"url": "srt://a"}]}}
    follower = running(**plain)
    follower.cloud.replace(
        {"input": {"input_protocol": "SRT_PULL", "sources": [{"url": "srt://a", "passphrase": "planted-secret-3"}]}}
    )
    bigger: dict[str, Any] = {"input": {**plain["input"], "ad_triggers": ["Splice insert"]}}
    plan = follower.plan(wish(**bigger))
    assert holds(plan) == {INPUT: Hold.SECRET_UNMANAGED}
    assert "input.sources[srt://a].passphraseSecretRef" in plan.held[0].message


def test_what_the_service_ignores_is_written_once() -> None:
    """A value that is accepted and does not show is not written again; another wish is."""
    follower = running()
    wanted = wish(**NO_RECORDING)
    follower.take(follower.plan(wanted).steps[0], wanted)
    follower.cloud.channel = {**(follower.cloud.channel or {}), "record_settings": {"rollingbuffer_duration": 3600}}
    for policy in (REPORT, CORRECT):
        assert holds(follower.plan(wanted, policy)) == {RECORD: Hold.NOT_TAKEN}
    assert told(follower.plan(wish(record_settings={"rollingbuffer_duration": 60}))) == [
        "record_settings SpecChanged Restart"
    ]


def test_a_stale_reading_after_a_write_is_not_written_again() -> None:
    """The same guard holds when the service shows for a while what was there before."""
    follower = running()
    before = follower.cloud.read()
    wanted = wish(**NO_RECORDING)
    follower.follow(wanted)
    stale = plan_channel(wanted, before, follower.journal, REPORT)
    assert stale.steps == ()
    assert follower.plan(wanted) == Plan(settled=frozenset(SECTIONS))
    assert follower.attempts == {}


def test_refused_sections_do_not_take_the_channel_off_air_again() -> None:
    """Once refused, a section is tried alone and without a stop, after everything else; off air all are tried."""
    follower = running()
    wanted = wish(**OTHER_SOURCE, **NO_RECORDING, name="Sport")
    first = follower.plan(wanted)
    for step in first.steps:
        if step.section in (INPUT, RECORD):
            follower.attempts[Section(step.section)] = Attempt(step.fingerprint, accepted=False)
    second = follower.follow(wanted)
    assert told(second) == ["general SpecChanged Restart"]
    assert holds(second) == {INPUT: Hold.REFUSED, RECORD: Hold.REFUSED}
    third = follower.plan(wanted)
    assert told(third) == ["input SpecChanged Restart"]
    assert holds(third) == {RECORD: Hold.REFUSED}
    assert told(follower.plan(switched(wanted, running=False))) == [
        "OFF SpecChanged Stop",
        "input SpecChanged None",
        "record_settings SpecChanged None",
    ]


def test_after_a_failure() -> None:
    """The start is taken always; further sections when one was refused; nothing when the stop failed."""
    plan = running().plan(wish(**OTHER_SOURCE, **NO_RECORDING, name="Sport"))
    off, first = plan.steps[:2]
    assert [step.section for step in plan.after_failure(off, refused=True)] == [STATE]
    assert [step.section for step in plan.after_failure(first, refused=True)] == [RECORD, NAME, STATE]
    assert [step.section for step in plan.after_failure(first, refused=False)] == [STATE]


@pytest.mark.parametrize(
    ("fixed", "shown", "told_change"),
    [
        ({"mode": "ONLY_OS"}, {"mode": "ADD_CDN"}, "mode: ADD_CDN -> ONLY_OS"),
        ({"region": "ap-1"}, {"region": "ap-2"}, "originRegion: ap-2 -> ap-1"),
        ({}, {"input": {"input_protocol": "SRT_PUSH"}}, "input.inputProtocol: SRT_PUSH -> SRT_PULL"),
    ],
)
def test_what_no_call_changes(fixed: dict[str, Any], shown: dict[str, Any], told_change: str) -> None:
    """A channel of another kind is left alone altogether, and the difference is told in the spelling of the spec."""
    follower = running()
    reading = {**(follower.cloud.read() or {}), **shown}
    plan = plan_channel(replace(wish(name="Sport"), fixed=fixed), reading, follower.journal, CORRECT)
    assert plan.steps == ()
    assert holds(plan) == {None: Hold.UNSUPPORTED}
    assert [str(change) for change in plan.held[0].changes] == [told_change]


def test_what_is_fixed_is_compared_loosely() -> None:
    """Case, and what the service does not show, make no other channel."""
    follower = running(Habits(lower_case=True))
    reading = {**(follower.cloud.read() or {}), "region": None}
    wanted = replace(wish(), fixed={"mode": "ADD_CDN", "region": "ap-1"})
    assert plan_channel(wanted, reading, follower.journal, REPORT).steps == ()


@pytest.mark.parametrize(
    ("on_air", "only_when_stopped", "steps"),
    [(True, False, ["OFF Delete Stop", "None Delete None"]), (False, True, ["None Delete None"]), (True, True, [])],
)
def test_deletion(on_air: bool, only_when_stopped: bool, steps: list[str]) -> None:
    """A channel is stopped before it is deleted, or kept while it is on air."""
    follower = running() if on_air else stopped()
    plan = plan_deletion(KEY, follower.cloud.read() or {}, only_when_stopped=only_when_stopped)
    assert told(plan) == steps
    assert holds(plan) == ({} if steps else {STATE: Hold.ON_AIR})
    for step in plan.steps:
        follower.cloud.take(step)
    assert (follower.cloud.channel is None) == bool(steps)


def test_the_journal_of_a_wish_holds_no_secret() -> None:
    """What is remembered of a block are its values, and of its secrets that they were there."""
    journal = journal_of(wish())
    assert journal.applied[INPUT]["input"]["sources"] == [{"url": "srt://a", "passphrase": "(secret)"}]
    assert journal.applied[STATE] == {"state": "ON"}


def test_equal_plans_have_equal_hashes() -> None:
    """The hash stands for what is to be done and why, and changes with it."""
    follower = running()
    plan, again = follower.plan(wish(name="Sport")), follower.plan(wish(name="Sport"))
    assert plan.hash == again.hash
    assert plan.hash != follower.plan(wish(name="Movies")).hash
    assert len({plan, again}) == 1


def test_a_step_does_not_show_its_body() -> None:
    """A step may be logged: its body, which the service may have filled with anything, is not in its text."""
    [step] = running().plan(wish(name="Sport")).steps
    assert isinstance(step, Step)
    assert step.cause is Cause.SPEC
    assert "in.example.com" not in repr(step)
