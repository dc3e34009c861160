"""What the operator may do in the cluster: least privilege by verb, each with its reason. Facts as data.

The demo, the tests and the chart grant exactly this. A test takes each rule away and sees the operator miss it.
"""

from typing import Any

from medialive_operator.resources.crds import KINDS
from medialive_operator.resources.kinds import GROUP

Manifest = dict[str, Any]

_PLURALS = [kind.plural for kind in KINDS]

RULES: tuple[Manifest, ...] = (
    # Follow our objects; patch is for the finalizer. Nobody's spec is ever written.
    {"apiGroups": [GROUP], "resources": _PLURALS, "verbs": ["get", "list", "watch", "patch"]},
    {"apiGroups": [GROUP], "resources": [f"{plural}/status" for plural in _PLURALS], "verbs": ["patch"]},
    # Credentials and passphrases. Always asked for by name; list and watch by name need these verbs.
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
    # Addresses of flows are published into ConfigMaps of the users' naming.
    {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "create", "patch"]},
)

CLUSTER_RULES: tuple[Manifest, ...] = (
    # Whether a kind itself is being deleted: then its objects let go of their channels instead of deleting them.
    {
        "apiGroups": ["apiextensions.k8s.io"],
        "resources": ["customresourcedefinitions"],
        "resourceNames": [kind.crd_name for kind in KINDS],
        "verbs": ["get"],
    },
)


def installation(namespace: str, name: str = "medialive") -> list[Manifest]:
    """Service account, role and binding for an operator that serves all namespaces."""
    binding = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
    account = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}},
        _rbac("ClusterRole", name, {"rules": [*RULES, *CLUSTER_RULES]}),
        _rbac("ClusterRoleBinding", name, {"roleRef": binding, "subjects": [account]}),
    ]


def _rbac(kind: str, name: str, content: Manifest) -> Manifest:
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}, **content}
