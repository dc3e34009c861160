"""One control plane: etcd, kube-apiserver and kube-controller-manager on loopback, in a folder of their own.

Used by the demo, the tests and `python -m medialive_operator.controlplane`. Synchronous. Everything about it is thrown
away with its folder; nothing of it may be used for data that matters.
"""

import datetime
import random
import secrets
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from pydantic import SecretStr

from medialive_operator.clock import SystemClock
from medialive_operator.controlplane.assets import Assets
from medialive_operator.controlplane.certificates import write_authority_and_server, write_key
from medialive_operator.controlplane.kubeconfigs import Login
from medialive_operator.controlplane.processes import Process

_READY_SECONDS = 90.0
_POLL_SECONDS = 0.05
_ATTEMPTS = 5
# Below the ports that the kernel hands out by itself: no outgoing connection can take one while the API server is down.
_PORTS = range(20_000, 32_000)
_TOKEN_SECONDS = 30 * 24 * 3600
# etcd listens on sockets in the folder (host and port are part of the file name): no port to collide on, no way in for others.
_ETCD_CLIENTS, _ETCD_PEERS = "unix://localhost:1", "unix://localhost:2"
