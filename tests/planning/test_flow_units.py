"""What the facts about flows say is what the OpenAPI document says."""

from medialive_operator.contract.flow_units import ENCRYPTION, FIXED_MEMBERS, MEMBERS, PASSPHRASE_LENGTH, LinkKind
from tests.planning.cloud_model import contract

# Shown, and made by the service.
MADE = {"health_status", "listener_address", "type"}


def test_links_have_the_members_of_the_document() -> None:
    """All that a request may carry, and nothing else; PUT outputs carries all but name and protocol."""
    schemas = contract()["components"]["schemas"]
    members = {kind: set(names) for kind, names in MEMBERS.items()}
    assert members[LinkKind.SOURCE] == set(schemas["FlowSource"]["properties"]) - MADE
    assert members[LinkKind.OUTPUT] == set(schemas["AddFlowOutputsRequest"]["properties"])
    assert members[LinkKind.OUTPUT] == set(schemas["FlowsOutput"]["properties"]) - MADE
    assert set(schemas["UpdateFlowOutputRequestBody"]["properties"]) == members[LinkKind.OUTPUT] - FIXED_MEMBERS


def test_passphrases_have_the_length_of_the_document() -> None:
    """The bounds that are told to users are those of the contract."""
    schemas = contract()["components"]["schemas"]
    passphrase = schemas["FlowSourceDecryption"]["properties"]["passphrase"]
    assert (passphrase["minLength"], passphrase["maxLength"]) == PASSPHRASE_LENGTH
    assert all(ENCRYPTION[kind] in MEMBERS[kind] for kind in LinkKind)
