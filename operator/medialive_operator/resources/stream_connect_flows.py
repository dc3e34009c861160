"""The kind StreamConnectFlow: an SRT flow of Media Live as users write it.

`StreamConnectFlowSpec` has every field of the contract's requests for flows, sources and outputs, in Python by the
API's names; `docs/decisions/stream-connect-flow-spec.md` tells which ones are left out and why.
`StreamConnectFlowStatus` is what the operator reports, `STREAM_CONNECT_FLOW` what Kubernetes needs to know of the kind.
Read by `planning` and `controller`; no logic.
"""

from typing import Annotated, Literal

from pydantic import Field

from medialive_operator.resources.fields import (
    AdoptionPolicy,
    DeletionPolicy,
    DesiredState,
    DriftPolicy,
    ManagementPolicy,
    ObjectName,
    RegionName,
    Rule,
    SecretRef,
    SpecPart,
    keyed_by,
    rules,
)
from medialive_operator.resources.flow_links import FlowOutput, FlowSource
from medialive_operator.resources.flow_status import StreamConnectFlowStatus
from medialive_operator.resources.kinds import Column, Kind, stays_in_its_region

__all__ = ["STREAM_CONNECT_FLOW", "StreamConnectFlowSpec", "StreamConnectFlowStatus"]

_REMEDY = "Create a new StreamConnectFlow with it, then delete this one."
_NAME = "^[A-Za-z][A-Za-z0-9_-]{0,63}$"


class PublishTo(SpecPart):
    """Where the addresses are written to."""

    config_map_name: ObjectName
    """Name of a ConfigMap in the same namespace; the operator makes it, and it goes with the object."""


class StreamConnectFlowSpec(SpecPart):
    """What is wanted of a flow."""

    model_config = rules(
        Rule(
            rule="self.managementPolicy == 'Observe' || (has(self.sources) && size(self.sources) > 0)",
            message="sources needs at least one entry, unless managementPolicy is Observe",
            source="contract CreateFlowsRequestBody.sources",
            reason="FieldValueRequired",
        ),
        Rule(
            rule="!has(self.flowId) || self.recreatePolicy != 'Recreate'",
            message="flowId names one flow, and recreatePolicy Recreate may replace it by another: set recreatePolicy "
            "to Never, or remove flowId once status.flowId shows it",
            source="behaviour notes 10: the service makes the id",
            reason="FieldValueForbidden",
            fieldPath=".flowId",
        ),
    )

    credentials_ref: SecretRef | None = None
    """Secret with the account's credentials, in the same namespace. Unset: the Secret `medialive-credentials` of the
    namespace, then the operator's own."""
    region: RegionName | None = None
    """Region whose endpoint is called, such as `ap-southeast-3`. Unset: the one of the Secret, then the operator's.
    Cannot be changed once the flow exists."""
    flow_region: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Region in which the flow runs, the `region` of the API. Unset: the one whose endpoint is called. No call moves a
    flow."""
    name: Annotated[str, Field(min_length=1, max_length=64, pattern=_NAME)] | None = None
    """Name of the flow: a letter, then letters, digits, `-` and `_`. Unset: the name of the object. No call renames a
    flow."""
    flow_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Id of a flow that exists already, to manage it from now on; differences count as drift. It also tells which flow
    is meant when several have the name. Unset: a flow is created. It cannot point to another flow once
    `status.flowId` is there, and may be removed then."""
    desired_state: DesiredState = "Running"
    """Running: the flow is started, and takes and gives streams. Stopped: it is only configured."""
    sources: Annotated[list[FlowSource], Field(max_length=10, json_schema_extra=keyed_by("name"))] | None = None
    """Inputs, each with a name of its own; the console makes one. At least one, unless `managementPolicy` is
    Observe."""
    outputs: Annotated[list[FlowOutput], Field(max_length=10, json_schema_extra=keyed_by("name"))] | None = None
    """Outputs, at most 10, each with a name of its own."""
    publish_to: PublishTo | None = None
    """Where the addresses of sources and outputs are written to, for encoders and receivers. Never a passphrase."""
    management_policy: ManagementPolicy = "Manage"
    """Manage: the cloud follows the spec. Observe: nothing is ever written, differences are reported."""
    adoption_policy: AdoptionPolicy = "Never"
    """What happens when a flow of this name exists already and `flowId` is unset. Never: it is left alone, and the
    object is stalled. IfExists: if it is the only one of this name, it is managed from now on; differences count as
    drift."""
    deletion_policy: DeletionPolicy = "Delete"
    """What the deletion of the object does to the flow. Delete: stop and delete it. DeleteWhenStopped: wait while it
    runs. Retain: leave it as it is."""
    drift_policy: DriftPolicy = "Report"
    """What happens to changes made outside, if taking them back would interrupt a running flow. Report: they are
    reported. Correct: they are taken back. Changes that interrupt nothing are always taken back."""
    recreate_policy: Literal["Never", "Recreate"] = "Never"
    """What happens to changes that no call of the API makes: another `name` or `flowRegion`, a source more or less, a
    source of another name or protocol. Never: they are not made, and the object is stalled. Recreate: a new flow takes
    the place of the old one; its addresses are new ones."""


_FITS = f"self.metadata.name.matches('{_NAME}')"

STREAM_CONNECT_FLOW = Kind(
    kind="StreamConnectFlow",
    plural="streamconnectflows",
    singular="streamconnectflow",
    short_names=("scf",),
    spec=StreamConnectFlowSpec,
    status=StreamConnectFlowStatus,
    description="An SRT flow of Huawei Cloud Media Live: it takes a stream in, and passes it on to up to ten outputs.",
    columns=(
        Column("State", ".status.flowStatus", description="ACTIVE or STANDBY, as the cloud says"),
        Column("Sources", ".status.sourceCount", "integer", "How many sources it has"),
        Column("Outputs", ".status.outputCount", "integer", "How many outputs it has"),
        Column("Connected", ".status.connected", description="Connected sources and outputs of those that should be"),
        Column("Ready", '.status.conditions[?(@.type=="Ready")].status', description="The cloud does what is wanted"),
        Column("Reason", '.status.conditions[?(@.type=="Ready")].reason', description="Why it is ready, or is not"),
        Column("Synced", '.status.conditions[?(@.type=="Synced")].status', description="The cloud has the spec"),
        Column("ID", ".status.flowId", description="Id of the flow", wide=True),
        Column("Region", ".status.flowRegion", description="Region in which it runs", wide=True),
        Column("Address", ".status.sources[0].url", description="Where its first source is", wide=True),
        Column("Age", ".metadata.creationTimestamp", "date", "Time since the object was made"),
    ),
    rules=(
        Rule(
            rule=f"has(self.spec.name) || has(self.spec.flowId) || {_FITS}",
            message="the object's name is the flow's name, which starts with a letter and has at most 64 letters, "
            "digits, - and _: set spec.name",
            source="contract CreateFlowsRequestBody.name",
            fieldPath=".spec",
        ),
        Rule(
            rule="!has(self.spec.flowId) || !has(oldSelf.status) || !has(oldSelf.status.flowId) || "
            "self.spec.flowId == oldSelf.status.flowId || "
            "(has(oldSelf.spec.flowId) && self.spec.flowId == oldSelf.spec.flowId)",
            message=f"flowId cannot point to another flow: this object has one, see status.flowId. {_REMEDY}",
            source="behaviour notes 10: the id is the flow's identity",
            reason="FieldValueForbidden",
            fieldPath=".spec",
        ),
        stays_in_its_region("flow", _REMEDY),
    ),
)
