"""What a kind is to Kubernetes: names, columns, models.

Read by CRD generation, by `cluster` (which needs the names for its calls) and by the command line. Facts as data.
"""

from dataclasses import dataclass

from pydantic import BaseModel

from medialive_operator.resources.fields import Rule

GROUP = "medialive.huaweicloud.com"
VERSION = "v1alpha1"


@dataclass(frozen=True)
class Column:
    """A column of `kubectl get`; `wide` ones are shown with `-o wide` only."""

    name: str
    path: str
    type: str = "string"
    description: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of the group. `rules` are CEL rules about the object as a whole."""

    kind: str
    plural: str
    singular: str
    short_names: tuple[str, ...]
    spec: type[BaseModel]
    status: type[BaseModel]
    description: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    categories: tuple[str, ...] = ("huawei", "medialive")
    group: str = GROUP
    version: str = VERSION

    @property
    def api_version(self) -> str:
        """As manifests have it."""
        return f"{self.group}/{self.version}"

    @property
    def crd_name(self) -> str:
        """Name of the CustomResourceDefinition."""
        return f"{self.plural}.{self.group}"


def stays_in_its_region(resource: str, remedy: str) -> Rule:
    """That the region may be corrected until the resource exists in the cloud, and not any more then."""
    return Rule(
        rule="!has(self.status) || !has(self.status.endpointRef) || !has(self.spec.region) || "
        "!has(oldSelf.spec.region) || self.spec.region == oldSelf.spec.region",
        message=f"region cannot be changed once the {resource} exists: it would be left behind. {remedy}",
        source="behaviour notes 1: one endpoint a region",
        reason="FieldValueForbidden",
        fieldPath=".spec",
    )
