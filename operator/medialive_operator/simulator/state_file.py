"""Keeps channels and flows in a file across restarts of the simulator.

Used by the app. The file holds what the service holds, passphrases among it: only its owner can read it.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path

from medialive_operator.simulator.messages import JsonObject
from medialive_operator.simulator.store import ChannelRecord, FlowRecord, Store

_VERSION = 1


class StateFile:
    """A JSON file that is replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, store: Store) -> None:
        """Fill the store from the file if there is one, and follow its changes. Raises ValueError for another file."""
        if self._path.exists():
            self._load(store)
        store.changed = lambda: self._save(store)

    def _load(self, store: Store) -> None:
        try:
            state = json.loads(self._path.read_text(encoding="utf-8"))
            if state["version"] != _VERSION:
                raise ValueError(f"version {state['version']}, expected {_VERSION}")
            channels = [ChannelRecord(**{**one, "scte35": tuple(one["scte35"])}) for one in state["channels"]]
            flows = [FlowRecord(**{**one, "outputs": tuple(one["outputs"])}) for one in state["flows"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{self._path} is not a state file of the simulator: {error}") from error
        store.made = state["made"]
        for channel in channels:
            store.channels.put(channel.key, channel)
        for flow in flows:
            store.flows.put(flow.key, flow)

    def _save(self, store: Store) -> None:
        state: JsonObject = {
            "version": _VERSION,
            "made": store.made,
            "channels": [asdict(record) for record in store.channels.all()],
            "flows": [asdict(record) for record in store.flows.all()],
        }
        half = self._path.with_name(f"{self._path.name}.half")
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(state, file)
        half.replace(self._path)
