"""The connection to the API server: one set of credentials for our own calls and for kopf's watches.

Made once by the process. In a pod it uses the service account, whose token is read again as the kubelet renews it;
elsewhere a kubeconfig. Knows nothing of our kinds.
"""

import os
from pathlib import Path
from typing import Any

import aiohttp
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration

# Seconds for one request, watches apart.
REQUEST_TIMEOUT = 20.0
_CALLS_AT_ONCE = 16


class Connection:
    """`api` is for calls; `session()` makes a session for whoever speaks HTTP to the API server itself."""

    def __init__(self, configuration: Configuration) -> None:
        # For calls only, watches have sessions of their own. Each connection costs 100 kB, here and there.
        configuration.connection_pool_maxsize = _CALLS_AT_ONCE
        self._configuration = configuration
        self.api = ApiClient(configuration)

    @classmethod
    async def open(cls, kubeconfig: Path | None) -> "Connection":
        """Connect as this kubeconfig says, else as the pod's service account, else as the default kubeconfig.

        Raises kubernetes.aio.config.ConfigException when there is none.
        """
        configuration = Configuration()
        if kubeconfig is None and "KUBERNETES_SERVICE_HOST" in os.environ:
            config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
        else:
            file = str(kubeconfig) if kubeconfig else None
            await config.load_kube_config(  # type: ignore[no-untyped-call]
                config_file=file, client_configuration=configuration, persist_config=False
            )
        return cls(configuration)

    @property
    def server(self) -> str:
        """URL of the API server."""
        return str(self._configuration.host)

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        """One request without the typed API, whose models for the core group take 25 MB; the answer's JSON.

        A PATCH is a JSON merge patch. Raises ApiException.
        """
        content_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"Content-Type": content_type, "Accept": "application/json"}
        request = await self.api.param_serialize(
            method, path, header_params=headers, body=body, auth_settings=["BearerToken"]
        )
        answer = await self.api.call_api(*request, _request_timeout=REQUEST_TIMEOUT)
        await answer.read()  # type: ignore[no-untyped-call]
        return self.api.response_deserialize(answer, {"2XX": "object"}).data

    def session(self) -> aiohttp.ClientSession:
        """A new session with these credentials; the caller closes it."""
        connector = aiohttp.TCPConnector(ssl=self.api.rest_client.ssl_context, limit=0)
        return aiohttp.ClientSession(connector=connector, middlewares=(self._sign_in,))

    async def _sign_in(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        bearer = await self._configuration.get_api_key_with_prefix("BearerToken")
        if bearer:
            request.headers["Authorization"] = bearer
        return await handler(request)

    async def close(self) -> None:
        """Close what belongs to `api`."""
        await self.api.close()  # type: ignore[no-untyped-call]
