"""Tenants whose object is a flow: what `tests.cluster.tenants` is for channels."""

from typing import Any

from tests.builders import flow
from tests.cluster.scenes import Manifest
from tests.cluster.tenants import Stage, Tenant

CREATE, DELETE, LIST, DETAIL = "create_flows", "delete_flow", "list_flows", "show_flow_detail"
START, STOP, SOURCE = "modify_flow_start", "modify_flow_stop", "modify_flow_sources"
ADD, CHANGE, REMOVE, OUTPUT = "create_flow_output", "modify_flow_output", "delete_flow_output", "show_output_info"

REGION = "ap-southeast-3"


class FlowTenant(Tenant):
    """One account of the simulated cloud, and the flow that lives in it. `name` names object and flow."""

    def apply(self, **spec: Any) -> None:
        """Apply credentials that work, and the object."""
        self.scene.apply(self.credentials(region=REGION), self.flow(**spec))

    def flow(self, **spec: Any) -> Manifest:
        """The object, with members of the spec replaced."""
        return flow(self.name, credentialsRef={"name": self.secret}, **spec)

    def flows(self) -> dict[str, Manifest]:
        """All flows in this tenant's project by id: `flow`, `outputs`, `interruptions`."""
        found = self.scene.cloud.admin("GET", "/state")["flows"]
        return {each["flow_id"]: each for each in found if each["project_id"] == self.project_id}

    def only_flow(self) -> Manifest:
        """The one flow of the project, which the object knows; there must be no other."""
        flows = self.flows()
        assert list(flows) == [self.scene.status(self.name).get("flowId")]
        return next(iter(flows.values()))

    def foreign(self, flow_id: str, **members: Any) -> None:
        """A flow of the same name appears that somebody else has made."""
        sources = [{"name": "main", "protocol": "srt-listener"}]
        made = {"name": self.name, "region": REGION, "sources": sources, **members}
        self.scene.cloud.admin("PUT", f"{self.flow_place(flow_id)}", made)

    def flow_place(self, flow_id: str | None = None) -> str:
        """Where the admin port has a flow of the project; the object's own unless another is named."""
        found = flow_id or self.scene.status(self.name)["flowId"]
        return f"/state/flows/{found}?project_id={self.project_id}"

    def leave(self) -> None:
        """Clean up, so that nothing is looked at for this tenant any more."""
        self.heal()
        self.scene("delete", "scf", self.name, "--ignore-not-found", "--wait=false")


def flow_tenant(stage: Stage) -> FlowTenant:
    """A new customer of the stage's cloud."""
    return FlowTenant(stage.scene.flows, stage.number())
