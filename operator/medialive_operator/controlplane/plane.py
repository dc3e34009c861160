"""One control plane: etcd, kube-apiserver and kube-controller-manager on loopback, in a folder of their own.

Used by the demo, the tests and `python -m medialive_operator.controlplane`. Synchronous. Its data are thrown away with
its folder: it must not be given anything that matters.
"""

import contextlib
import datetime
import random
import secrets
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from pydantic import SecretStr

from medialive_operator.clock import SystemClock
from medialive_operator.controlplane import certificates, commands
from medialive_operator.controlplane.assets import Assets
from medialive_operator.controlplane.kubeconfigs import Login
from medialive_operator.controlplane.processes import Process

_READY_SECONDS = 90.0
_POLL_SECONDS = 0.05
_REQUEST_SECONDS = 5.0
_PORT_ATTEMPTS = 5
# Below the ports the kernel hands out by itself: no outgoing connection takes ours while the API server is down.
_PORTS = range(20_000, 32_000)
_TOKEN_SECONDS = 30 * 24 * 3600


class ControlPlaneError(Exception):
    """The control plane does not do what was asked; the message shows what the program said last."""


class PortTakenError(ControlPlaneError):
    """Somebody else listens on the port that was chosen for the API server."""


class ControlPlane:
    """A running control plane; `with ControlPlane.start(folder, assets) as plane:` stops it at the end.

    Whatever way our own process ends, SIGKILL included, its programs end with it. A client with the kubeconfig works as
    against any cluster, TLS verified; there are no nodes, so pods stay Pending.
    """

    def __init__(self, folder: Path, assets: Assets) -> None:
        self.folder = folder
        self._assets = assets
        self._port = 0
        self._token = SecretStr(secrets.token_urlsafe(32))
        self._processes: dict[str, Process] = {}

    @classmethod
    def start(cls, folder: Path, assets: Assets) -> Self:
        """Start all three in `folder` (made if missing; keys and logs go there) and wait until they work (3 s).

        Raises ControlPlaneError.
        """
        plane = cls(folder.resolve(), assets)
        try:
            plane._start()
        except BaseException:
            plane.stop()
            raise
        return plane

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The API server's address; it stays the same through restarts."""
        return f"https://127.0.0.1:{self._port}"

    @property
    def authority(self) -> Path:
        """PEM file of the authority that signed the API server's certificate."""
        return self.folder / certificates.AUTHORITY

    @property
    def kubeconfig(self) -> Path:
        """Kubeconfig of an administrator (group `system:masters`)."""
        return self.folder / "admin.kubeconfig"

    def kubeconfig_for(self, namespace: str, service_account: str, path: Path) -> Path:
        """Write to `path` the kubeconfig of a ServiceAccount that exists, with a token for 30 days (TokenRequest API).

        Raises ControlPlaneError with the API server's answer when it refuses, httpx.TransportError when it is stopped.
        """
        answer = self._request(
            "POST",
            f"/api/v1/namespaces/{namespace}/serviceaccounts/{service_account}/token",
            {"spec": {"expirationSeconds": _TOKEN_SECONDS}},
        )
        if answer.is_error:
            raise ControlPlaneError(f"no token for ServiceAccount {namespace}/{service_account}: {answer.text}")
        token = SecretStr(answer.json()["status"]["token"])
        return self._login(f"{namespace}-{service_account}", token, namespace).write(path)

    def stop(self) -> None:
        """End all three and wait until they are gone. Nothing to do the second time."""
        for process in reversed(self._processes.values()):
            process.stop()

    def stop_apiserver(self) -> None:
        """Kill the API server, as a crash would: connections break, new ones are refused."""
        self._processes["kube-apiserver"].stop()

    def start_apiserver(self) -> None:
        """Start the API server at its address, with the data there are, and wait until it is ready.

        Raises ControlPlaneError.
        """
        self._run("kube-apiserver", commands.kube_apiserver(self._assets, self._port))
        self._wait_until("kube-apiserver is ready", self._apiserver_is_ready)

    def restart_apiserver(self) -> None:
        """Kill the API server and start it again; it is ready when this returns. Raises ControlPlaneError."""
        self.stop_apiserver()
        self.start_apiserver()

    def _start(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        controllers_token = SecretStr(secrets.token_urlsafe(32))
        now = datetime.datetime.fromtimestamp(SystemClock().time(), datetime.UTC)
        certificates.write_authority_and_server(self.folder, now)
        certificates.write_key(self.folder / commands.SERVICE_ACCOUNT_KEY)
        self._write_tokens(controllers_token)
        self._run("etcd", commands.etcd(self._assets))
        self._start_apiserver_on_a_free_port()
        self._login("admin", self._token, "default").write(self.kubeconfig)
        controllers = self._login("kube-controller-manager", controllers_token, "kube-system")
        controllers.write(self.folder / commands.CONTROLLER_MANAGER_KUBECONFIG)
        self._run("kube-controller-manager", commands.kube_controller_manager(self._assets))
        self._wait_until("kube-controller-manager has made a ServiceAccount", self._controllers_work)

    def _write_tokens(self, controllers_token: SecretStr) -> None:
        path = self.folder / commands.TOKENS
        path.touch(mode=0o600)
        path.write_text(
            f"{self._token.get_secret_value()},admin,admin,system:masters\n"
            f"{controllers_token.get_secret_value()},system:kube-controller-manager,kube-controller-manager\n"
        )

    def _start_apiserver_on_a_free_port(self) -> None:
        """A port that was free may be taken the moment after: then take another."""
        for _ in range(_PORT_ATTEMPTS):
            self._port = _free_port()
            with contextlib.suppress(PortTakenError):
                return self.start_apiserver()
        raise PortTakenError(f"each of {_PORT_ATTEMPTS} free ports was taken before kube-apiserver could listen on it")

    def _run(self, name: str, command: list[str]) -> None:
        if name in self._processes:
            self._processes[name].stop()
        self._processes[name] = Process(name, command, self.folder)

    def _login(self, name: str, token: SecretStr, namespace: str) -> Login:
        return Login(name, self.url, self.authority, token, namespace)

    def _apiserver_is_ready(self) -> bool:
        return self._request("GET", "/readyz").is_success

    def _controllers_work(self) -> bool:
        return self._request("GET", "/api/v1/namespaces/default/serviceaccounts/default").is_success

    def _wait_until(self, what: str, happened: Callable[[], bool]) -> None:
        deadline = SystemClock().monotonic() + _READY_SECONDS
        while True:
            self._check_all_run()
            # Until it listens, connections are refused.
            with contextlib.suppress(httpx.TransportError):
                if happened():
                    return
            if SystemClock().monotonic() > deadline:
                raise ControlPlaneError(f"not within {_READY_SECONDS:.0f} s: {what}; logs are in {self.folder}")
            time.sleep(_POLL_SECONDS)

    def _check_all_run(self) -> None:
        for process in self._processes.values():
            if process.exit_code is not None:
                said = process.written()
                kind = PortTakenError if "address already in use" in said else ControlPlaneError
                raise kind(f"{process.name} ended with exit code {process.exit_code}; end of {process.log}:\n{said}")

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        authorization = {"Authorization": f"Bearer {self._token.get_secret_value()}"}
        verify = ssl.create_default_context(cafile=self.authority)
        with httpx.Client(base_url=self.url, headers=authorization, verify=verify, trust_env=False) as client:
            return client.request(method, path, json=body, timeout=_REQUEST_SECONDS)


def _free_port() -> int:
    """A port nobody listens on now."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311 -- not a secret
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
