"""Properties of the planner, whatever users want and whatever the cloud shows."""

import json
from collections.abc import Collection
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from medialive_operator.contract.sections import SECTIONS, Section
from medialive_operator.planning.channels import DesiredChannel, Journal, Policy, plan_channel
from medialive_operator.planning.merging import REDACTED, UNREADABLE
from medialive_operator.planning.steps import Hold, Plan
from tests.planning.cloud_model import CloudModel, leaves, opened
from tests.planning.following import CORRECT, OBSERVE, REPORT, Follower, created
from tests.planning.wishes import PROTOCOLS, SECRETS, blocks, desired, habits, policies, switched

thorough = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@st.composite
def wishes(draw: st.DrawFn, count: int) -> list[DesiredChannel]:
    """Several versions of one spec."""
    protocol = draw(st.sampled_from(PROTOCOLS))
    return [desired(draw(blocks(protocol)), running=draw(st.booleans())) for _ in range(count)]


@st.composite
def disturbed(draw: st.DrawFn, versions: int = 1) -> tuple[Follower, list[DesiredChannel]]:
    """A channel that was made by the first version of a spec and then changed in the console, and further versions."""
    first, foreign, *others = draw(wishes(2 + versions))
    follower = created(first, CloudModel(draw(habits)))
    disturb(follower.cloud, foreign, draw(st.sets(st.sampled_from(list(SECTIONS)))))
    follower.cloud.interruptions = 0
    return follower, [first, *others]


def disturb(cloud: CloudModel, foreign: DesiredChannel, sections: set[Section]) -> None:
    """Somebody changes these sections in the console to what `foreign` says."""
    for section in SECTIONS:
        if section in sections and section is Section.STATE:
            cloud.switch(foreign.state)
        elif section in sections:
            block = opened(dict(foreign.blocks[section]))
            cloud.replace({name: block.get(name) for name in SECTIONS[section].fields})


def missed(cloud: CloudModel, wanted: DesiredChannel, *, secrets_of: Collection[Section]) -> list[str]:
    """Where the cloud does not have what is wanted, told without any help of the planner.

    Secrets only of some sections: of the others nobody can know which ones somebody else put there.
    """
    channel = cloud.channel or {}
    gaps = [] if cloud.on_air == wanted.running else ["state"]
    for section, block in wanted.blocks.items():
        for name, value in opened(dict(block)).items():
            gaps += _gaps(name, value, channel.get(name), section in secrets_of)
    return gaps


def _gaps(path: str, wanted: Any, has: Any, secrets: bool) -> list[str]:
    name = path.rpartition(".")[2]
    if not secrets and (name == "passphrase" or path.endswith("http_headers.value")):
        return []
    if isinstance(wanted, dict):
        return [
            gap for key, value in wanted.items() for gap in _gaps(f"{path}.{key}", value, (has or {}).get(key), secrets)
        ]
    if isinstance(wanted, list) and name in ("system_ids", "ad_triggers", "backup_urls"):
        return [] if sorted(wanted) == sorted(has or []) else [path]
    if isinstance(wanted, list):
        return _item_gaps(path, wanted, has or [], secrets)
    return [] if wanted == has or (wanted, has) in _SAME else [path]


_SAME = [("index", None), (0, None)]
_NAMES = {"encoder_settings": "template_id", "audio_selectors": "name", "http_headers": "key"}


def _item_gaps(path: str, wanted: list[Any], has: list[Any], secrets: bool) -> list[str]:
    name = path.rpartition(".")[2]
    key = _NAMES.get(name, "url")
    made_by_service = name == "sources" and not any(key in item for item in wanted)
    if len(wanted) != len(has) and not (made_by_service and len(has) > len(wanted)):
        return [f"{path}: {len(has)} items"]
    gaps = []
    for index, item in enumerate(wanted):
        match = next((each for each in has if each.get(key) == item[key]), None) if key in item else has[index]
        gaps += [f"{path}[{item[key]}]"] if match is None else _gaps(path, item, match, secrets)
    return gaps


@thorough
@given(st.data(), habits, wishes(1))
def test_nothing_is_planned_for_a_converged_channel(
    data: st.DataObject, habit: Any, versions: list[DesiredChannel]
) -> None:
    """A channel that was created as wanted needs nothing, however the service shows it."""
    [wanted] = versions
    follower = created(wanted, CloudModel(habit))
    assert missed(follower.cloud, wanted, secrets_of=SECTIONS) == []
    for policy in (REPORT, CORRECT):
        plan = follower.plan(wanted, policy)
        assert plan == Plan(settled=frozenset(SECTIONS))


@thorough
@given(disturbed(versions=1))
def test_one_pass_converges(case: tuple[Follower, list[DesiredChannel]]) -> None:
    """Whatever spec and cloud say, one pass makes the cloud as wanted, if drift may be corrected."""
    follower, [_, wanted] = case
    plan = follower.follow(wanted, CORRECT)
    after = follower.plan(wanted, CORRECT)
    if plan.held:
        event("held")
        assert {held.hold for held in plan.held} == {Hold.SECRET_UNMANAGED}
        return
    assert after == Plan(settled=frozenset(SECTIONS))
    written = {Section(step.section) for step in plan.steps if step.section}
    assert missed(follower.cloud, wanted, secrets_of=written) == []


@thorough
@given(disturbed(versions=1), policies, st.sets(st.sampled_from(list(SECTIONS))))
def test_one_interruption_a_plan(
    case: tuple[Follower, list[DesiredChannel]], policy: Policy, forgotten: set[Section]
) -> None:
    """No plan interrupts a channel twice, whatever is known of what was applied before; and it says so beforehand."""
    follower, [_, wanted] = case
    for section in forgotten:
        follower.applied.pop(section, None)
        follower.digests.pop(section, None)
    plan = follower.follow(wanted, policy)
    assert follower.cloud.interruptions == plan.interruptions <= 1


@thorough
@given(disturbed(versions=0))
def test_drift_alone_never_interrupts(case: tuple[Follower, list[DesiredChannel]]) -> None:
    """A spec that did not change cuts nothing, unless the policy is to correct drift."""
    follower, [wanted] = case
    before = follower.cloud.on_air
    plan = follower.follow(wanted, REPORT)
    assert follower.cloud.interruptions == plan.interruptions == 0
    assert follower.cloud.on_air == (before or wanted.running)
    assert follower.plan(wanted, REPORT).steps == ()


@thorough
@given(disturbed(versions=1), st.sampled_from([REPORT, CORRECT]))
def test_a_second_pass_has_nothing_to_do(case: tuple[Follower, list[DesiredChannel]], policy: Policy) -> None:
    """What a pass leaves undone it left on purpose: the next one does not write either."""
    follower, [_, wanted] = case
    follower.follow(wanted, policy)
    assert follower.plan(wanted, policy).steps == ()


@thorough
@given(disturbed(versions=1), policies, st.sets(st.sampled_from([Section.INPUT, Section.ENDPOINTS]), min_size=1))
def test_blocks_with_unknown_secrets_are_not_written(
    case: tuple[Follower, list[DesiredChannel]], policy: Policy, unreadable: set[Section]
) -> None:
    """What has an unreadable secret is neither written nor created; what is written carries wanted secrets only."""
    follower, [_, made] = case
    hidden = {section: _hidden(block) if section in unreadable else block for section, block in made.blocks.items()}
    wanted = DesiredChannel(
        made.key, made.running, hidden, digests=made.digests, unreadable=dict.fromkeys(unreadable, "no Secret")
    )
    plan = plan_channel(wanted, follower.cloud.read(), follower.journal, policy)
    creation = plan_channel(wanted, None, Journal(), policy)
    assert not unreadable & {step.section for step in plan.steps}
    assert unreadable <= {held.section for held in plan.held}
    assert not unreadable & plan.settled
    assert creation.steps == ()
    known = {value.get_secret_value() for _, value in leaves(wanted.blocks) if isinstance(value, SecretStr)}
    for step in plan.steps:
        sent = [value for _, value in leaves(step.body) if isinstance(value, SecretStr) or str(value) in SECRETS]
        assert all(isinstance(value, SecretStr) and value.get_secret_value() in known for value in sent)


def _hidden(block: Any) -> Any:
    if isinstance(block, SecretStr):
        return UNREADABLE
    if isinstance(block, dict):
        return {name: _hidden(value) for name, value in block.items()}
    return [_hidden(item) for item in block] if isinstance(block, list) else block


@thorough
@given(disturbed(versions=1), st.sampled_from([REPORT, CORRECT]), st.data())
def test_a_crash_costs_no_further_interruption(
    case: tuple[Follower, list[DesiredChannel]], policy: Policy, data: st.DataObject
) -> None:
    """After a crash between any two steps the next pass ends as the first would have, with one interruption in all."""
    follower, [_, wanted] = case
    plan = follower.plan(wanted, policy)
    done = data.draw(st.integers(0, len(plan.steps)))
    for step in plan.steps[:done]:
        follower.take(step, wanted)
    follower.follow(wanted, policy)
    assert follower.cloud.interruptions <= plan.interruptions <= 1
    again = follower.plan(wanted, policy)
    assert again.steps == ()
    held, held_again = ({each.section for each in one.held} for one in (plan, again))
    if Section.STATE in held:  # started by hand: after a crash it may be off, as wanted, and is not protected any more
        assert held_again <= held
    else:
        assert held_again == held
    assert follower.cloud.on_air == wanted.running or again.held


@thorough
@given(disturbed(versions=1), st.sampled_from([REPORT, CORRECT]), st.data())
def test_a_crash_before_the_journal_costs_no_further_interruption(
    case: tuple[Follower, list[DesiredChannel]], policy: Policy, data: st.DataObject
) -> None:
    """The same when the last call was made and not written down, but for secrets, which nobody can read back."""
    follower, [_, wanted] = case
    plan = follower.plan(wanted, policy)
    if not plan.steps:
        return
    done = data.draw(st.integers(1, len(plan.steps)))
    for step in plan.steps[: done - 1]:
        follower.take(step, wanted)
    last = plan.steps[done - 1]
    before = follower.applied.get(Section(last.section)) if last.section is not None else None
    secrets = [value for _, value in leaves([last.body, before])]
    secretive = any(isinstance(value, SecretStr) or value == REDACTED for value in secrets)
    follower.take(last, wanted, journaled=False)
    follower.follow(wanted, policy)
    assert follower.cloud.interruptions <= plan.interruptions + secretive
    assert follower.plan(wanted, policy).steps == ()


@thorough
@given(disturbed(versions=1), st.sampled_from([REPORT, CORRECT]), st.data())
def test_a_failure_leaves_no_channel_off_air(
    case: tuple[Follower, list[DesiredChannel]], policy: Policy, data: st.DataObject
) -> None:
    """Whichever step fails, a channel that should be on air is so after it, or after the next pass at the latest."""
    follower, [_, wanted] = case
    before = follower.cloud.on_air
    plan = follower.plan(wanted, policy)
    if not plan.steps:
        return
    failed = data.draw(st.sampled_from(plan.steps))
    for step in (
        *plan.steps[: plan.steps.index(failed)],
        *plan.after_failure(failed, refused=data.draw(st.booleans())),
    ):
        follower.take(step, wanted)
    assert follower.cloud.interruptions <= 1
    if before and wanted.running and not failed.always:
        assert follower.cloud.on_air
    follower.follow(wanted, policy)
    if before and wanted.running:
        assert follower.cloud.on_air


@thorough
@given(disturbed(versions=1), st.sampled_from([REPORT, CORRECT]), st.data())
def test_refusals_interrupt_once(
    case: tuple[Follower, list[DesiredChannel]], policy: Policy, data: st.DataObject
) -> None:
    """A channel on air is taken off once for sections that the service refuses, however often they are tried again."""
    follower, [_, wanted] = case
    wanted = switched(wanted, running=True)
    refused = data.draw(st.sets(st.sampled_from(list(SECTIONS)[:-1]), min_size=1))
    follower.cloud.switch("ON")
    for _ in range(4):
        follower.attempt(wanted, policy, refused)
        assert follower.cloud.on_air
        assert follower.cloud.interruptions <= 1


@thorough
@given(disturbed(versions=1), st.booleans())
def test_observe_writes_nothing(case: tuple[Follower, list[DesiredChannel]], correct: bool) -> None:
    """With management policy Observe there is never a step, and what a manager would write is told."""
    follower, [_, wanted] = case
    plan = plan_channel(
        wanted, follower.cloud.read(), follower.journal, Policy(may_write=False, correct_on_air=correct)
    )
    written = plan_channel(wanted, follower.cloud.read(), follower.journal, CORRECT)
    assert plan.steps == plan_channel(wanted, None, Journal(), OBSERVE).steps == ()
    told = {held.section for held in plan.held}
    assert {step.section for step in written.steps if step.changes} <= told


@thorough
@given(disturbed(versions=1), policies, st.sets(st.sampled_from(list(SECTIONS))))
def test_no_secret_shows(case: tuple[Follower, list[DesiredChannel]], policy: Policy, forgotten: set[Section]) -> None:
    """A plan, what it is hashed from and the journal say no secret, be it the user's or one that the service echoes."""
    follower, [_, wanted] = case
    for section in forgotten:
        follower.applied.pop(section, None)
    plan = plan_channel(wanted, follower.cloud.read(), follower.journal, policy)
    told = [repr(plan), str(plan), plan.hash, repr(follower.journal), repr(wanted)]
    told += [str(change) + repr(change) for step in plan.steps for change in step.changes]
    told += [held.message for held in plan.held] + [str(change) for held in plan.held for change in held.changes]
    assert not [text for text in told for secret in SECRETS if secret in text]


@thorough
@given(disturbed(versions=1), policies)
def test_planning_is_deterministic(case: tuple[Follower, list[DesiredChannel]], policy: Policy) -> None:
    """The same question gets the same answer, in whatever order the service names the members."""
    follower, [_, wanted] = case
    shown = follower.cloud.read()
    turned = json.loads(json.dumps(shown), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    plan, again = (plan_channel(wanted, reading, follower.journal, policy) for reading in (shown, turned))
    assert plan == again
    assert plan.hash == again.hash
    assert hash(plan) == hash(again)


@thorough
@given(disturbed(versions=1), policies)
def test_what_the_service_made_is_kept(case: tuple[Follower, list[DesiredChannel]], policy: Policy) -> None:
    """A package that keeps its URL keeps its id, and an address to push to stays, whatever else is written."""
    follower, [_, wanted] = case
    packages, addresses = follower.cloud.packages(), follower.cloud.addresses()
    push = wanted.blocks[Section.INPUT]["input"]["input_protocol"].endswith("_PUSH")
    follower.follow(wanted, policy)
    after = follower.cloud.packages()
    assert {name: after[name]["id"] for name in packages.keys() & after} == {
        name: packages[name]["id"] for name in packages.keys() & after
    }
    if push:
        kept = follower.cloud.addresses()
        assert kept[: len(addresses)] == addresses[: len(kept)]
