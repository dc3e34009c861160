"""Specs of flows for the tests: the smallest that are accepted, and one that uses every field."""

from typing import Any

Spec = dict[str, Any]

LISTENER: Spec = {"name": "encoder", "protocol": "srt-listener"}
CALLER: Spec = {"name": "venue", "protocol": "srt-caller", "address": "198.51.100.30", "port": 9000}
PULLED: Spec = {"name": "to-ott", "protocol": "srt-listener"}
PUSHED: Spec = {"name": "to-partner", "protocol": "srt-caller", "destination": "srt.example.com", "port": 9000}


def flow(source: Spec = LISTENER, *outputs: Spec, **members: Any) -> Spec:
    """A flow with one source, and what is given besides."""
    return {"sources": [source], **({"outputs": list(outputs)} if outputs else {}), **members}


_CIDRS = ["203.0.113.0/24", "198.51.100.7/32", "2001:db8::/32"]
_CIPHER = {"algorithm": "aes256", "passphraseSecretRef": {"name": "a-secret", "key": "a-key"}}

FULL: Spec = {
    "credentialsRef": {"name": "huawei-cloud"},
    "region": "ap-southeast-3",
    "flowRegion": "ap-southeast-1",
    "name": "Studio_A-1",
    "flowId": "0123456789abcdef0123456789abcdef",
    "desiredState": "Stopped",
    "sources": [
        {**LISTENER, "cidrWhitelist": _CIDRS, "minLatency": 0, "description": "Main", "decryption": _CIPHER},
        {**CALLER, "streamId": "main", "minLatency": 15000},
    ],
    "outputs": [
        {
            **PULLED,
            "port": 9100,
            "cidrWhitelist": _CIDRS,
            "minLatency": 10,
            "description": "Channel",
            "encryption": _CIPHER,
            "outputStatus": "ENABLED",
        },
        {**PUSHED, "streamId": "a", "minLatency": 15000, "outputStatus": "DISABLED"},
    ],
    "publishTo": {"configMapName": "studio-a-addresses"},
    "managementPolicy": "Manage",
    "adoptionPolicy": "IfExists",
    "deletionPolicy": "Retain",
    "driftPolicy": "Correct",
    "recreatePolicy": "Never",
}
