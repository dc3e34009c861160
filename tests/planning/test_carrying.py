"""The table of calls against the contract: every member of a channel is carried by one call, or by none."""

from itertools import chain

from medialive_operator.contract.operations import OPERATIONS
from medialive_operator.contract.sections import IMMUTABLE_FIELDS, SECTIONS, Section
from tests.planning.cloud_model import contract


def test_every_member_of_a_channel_has_one_home() -> None:
    """What a creation takes is changed by exactly one call, or stands in the list of what nothing changes."""
    carried = list(chain.from_iterable(facts.fields for facts in SECTIONS.values()))
    fixed = [path for path in IMMUTABLE_FIELDS if "." not in path]
    assert sorted([*carried, *fixed]) == sorted(
        contract()["components"]["schemas"]["CreateOttChannelInfoReq"]["properties"]
    )


def test_each_call_takes_what_the_table_says() -> None:
    """The contract's body of a section's call has the members of the section, beside the key."""
    for section, facts in SECTIONS.items():
        call = OPERATIONS[facts.operation]
        schema = contract()["paths"][call.path][call.method.lower()]["requestBody"]["content"]
        body = next(iter(schema.values()))["schema"]["$ref"].rpartition("/")[2]
        assert set(facts.fields) <= contract()["components"]["schemas"][body]["properties"].keys(), section


def test_the_state_is_written_last() -> None:
    """The order of the table is the order of writing."""
    assert list(SECTIONS)[-1] is Section.STATE
