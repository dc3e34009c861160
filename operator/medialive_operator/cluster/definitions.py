"""Our CustomResourceDefinitions: is one being deleted, so that its objects must let go of what they manage?

Called before a deletion is carried out in the cloud. Needs `get` on the CRDs by name; without that right (namespaced
installations) nothing is known and deletions follow their policy.
"""

from typing import cast

from kubernetes.aio.client import ApiException, CustomObjectsApi

from medialive_operator.cluster.connection import REQUEST_TIMEOUT, Connection
from medialive_operator.cluster.objects import Object
from medialive_operator.resources.kinds import GROUP


class Definitions:
    """Reads the definitions of our kinds."""

    def __init__(self, connection: Connection) -> None:
        # Not the typed API: its models alone are megabytes.
        self._api = CustomObjectsApi(connection.api)

    async def is_going(self, plural: str) -> bool:
        """Whether the kind itself is being deleted, and all its objects with it."""
        try:
            found = await self._api.get_cluster_custom_object(
                "apiextensions.k8s.io",
                "v1",
                "customresourcedefinitions",
                f"{plural}.{GROUP}",
                _request_timeout=REQUEST_TIMEOUT,
            )
        except ApiException as error:
            if error.status == 403:
                return False
            if error.status == 404:
                return True
            raise
        return "deletionTimestamp" in cast("Object", found)["metadata"]
