"""The command lines of the three programs.

Used by `plane.py`. All paths are relative to the folder the programs run in, so that etcd's sockets, whose full path
may be 107 bytes at most, can be in any folder.
"""

from medialive_operator.controlplane.assets import Assets
from medialive_operator.controlplane.certificates import AUTHORITY, SERVER_CERTIFICATE, SERVER_KEY

SERVICE_ACCOUNT_KEY = "service-accounts.key"
TOKENS = "tokens.csv"
CONTROLLER_MANAGER_KUBECONFIG = "kube-controller-manager.kubeconfig"
_CONTROLLERS = (
    "namespace-controller",
    "garbage-collector-controller",
    "serviceaccount-controller",
    "root-ca-certificate-publisher-controller",
    "clusterrole-aggregation-controller",
)
# Sockets in the folder (host and port are part of the file name): no port to collide on, and no way in for other users.
_ETCD_CLIENTS, _ETCD_PEERS = "unix://localhost:1", "unix://localhost:2"


def etcd(assets: Assets) -> list[str]:
    """Etcd that does not wait for the disk: the data die with the folder."""
    return [
        str(assets.etcd),
        "--name=medialive",
        "--data-dir=etcd",
        "--unsafe-no-fsync",
        f"--listen-client-urls={_ETCD_CLIENTS}",
        f"--advertise-client-urls={_ETCD_CLIENTS}",
        f"--listen-peer-urls={_ETCD_PEERS}",
        f"--initial-advertise-peer-urls={_ETCD_PEERS}",
        f"--initial-cluster=medialive={_ETCD_PEERS}",
    ]


def kube_apiserver(assets: Assets, port: int) -> list[str]:
    """The API server with RBAC, TLS and ServiceAccount tokens, on loopback only."""
    return [
        str(assets.kube_apiserver),
        f"--etcd-servers={_ETCD_CLIENTS}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={port}",
        f"--tls-cert-file={SERVER_CERTIFICATE}",
        f"--tls-private-key-file={SERVER_KEY}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={SERVICE_ACCOUNT_KEY}",
        f"--service-account-signing-key-file={SERVICE_ACCOUNT_KEY}",
        f"--token-auth-file={TOKENS}",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.0.0.0/24",
        # There is one, and it cannot be an endpoint of a Service: loopback addresses are refused there.
        "--endpoint-reconciler-type=none",
    ]


def kube_controller_manager(assets: Assets) -> list[str]:
    """The controllers without which an API server is no cluster to its users; those for pods and volumes are off."""
    return [
        str(assets.kube_controller_manager),
        f"--kubeconfig={CONTROLLER_MANAGER_KUBECONFIG}",
        f"--authentication-kubeconfig={CONTROLLER_MANAGER_KUBECONFIG}",
        f"--authorization-kubeconfig={CONTROLLER_MANAGER_KUBECONFIG}",
        f"--root-ca-file={AUTHORITY}",
        f"--service-account-private-key-file={SERVICE_ACCOUNT_KEY}",
        f"--controllers={','.join(_CONTROLLERS)}",
        "--use-service-account-credentials=true",
        "--leader-elect=false",
        "--secure-port=0",
    ]
