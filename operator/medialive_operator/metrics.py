"""Metrics: the closed list of what the operator measures about itself and the cloud.

Written by `controller`, served by its probes endpoint. Gauges are set anew at each scrape, so that what is gone is gone
from them too. Labels are bounded by the operations of the API, the accounts in use, the kinds, and the objects there
are; never an address, never a secret.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

CALLS = Counter(
    "medialive_cloud_calls_total",
    "Calls to Media Live by operation, outcome (ok or the class of the error) and account.",
    ("operation", "outcome", "account"),
    registry=REGISTRY,
)
CALL_SECONDS = Histogram(
    "medialive_cloud_call_seconds",
    "How long an answer of Media Live took, without waiting for the budget.",
    ("operation",),
    registry=REGISTRY,
)
BUDGET_USED = Gauge(
    "medialive_budget_used_calls", "Calls that count against the account's minute now.", ("account",), registry=REGISTRY
)
BUDGET_LIMIT = Gauge(
    "medialive_budget_limit_calls", "Calls a minute the account is used with now.", ("account",), registry=REGISTRY
)
BUDGET_WAITING = Gauge(
    "medialive_budget_waiting_calls", "Calls that wait for their turn.", ("account", "priority"), registry=REGISTRY
)
INVENTORY_AGE = Gauge(
    "medialive_inventory_age_seconds",
    "Age of the last complete list of channels or flows.",
    ("account", "inventory"),
    registry=REGISTRY,
)
OBJECTS = Gauge("medialive_objects", "Objects by kind and phase.", ("kind", "phase"), registry=REGISTRY)
OBJECTS_CONDITION = Gauge(
    "medialive_objects_condition",
    "Objects by kind and by the status (True, False, Unknown) of each of their conditions.",
    ("kind", "condition", "status"),
    registry=REGISTRY,
)
OBJECTS_RUNNING = Gauge(
    "medialive_objects_running", "Objects whose channel or flow is on air in the cloud.", ("kind",), registry=REGISTRY
)
RUNNING_SECONDS = Gauge(
    "medialive_object_running_seconds",
    "How long an object has been on air as wanted; one that everybody has forgotten shows here.",
    ("kind", "namespace", "name"),
    registry=REGISTRY,
)
OBJECTS_DRIFTED = Gauge(
    "medialive_objects_drifted",
    "Objects whose drift is reported and left (Synced=False/DriftDetected).",
    ("kind",),
    registry=REGISTRY,
)
DRIFT_SECONDS = Gauge(
    "medialive_drift_seconds",
    "How long the drift that was not taken back for longest has been there; 0 without one.",
    ("kind",),
    registry=REGISTRY,
)
PASSES = Counter(
    "medialive_passes_total", "Reconcile passes by kind and result.", ("kind", "result"), registry=REGISTRY
)
INTERRUPTIONS = Counter(
    "medialive_interruptions_total",
    "Restarts and stops of channels and flows on air, by the operator.",
    registry=REGISTRY,
)
LINK_CONNECTED = Gauge(
    "medialive_flow_link_connected",
    "1 while a source or enabled output of a flow is connected, 0 while it is not, as it was read last.",
    ("namespace", "name", "link"),
    registry=REGISTRY,
)
DEEP_READ_AGE = Gauge(
    "medialive_flow_reading_age_seconds",
    "Age of the oldest full reading of a flow; as long as one was never read, there is none.",
    ("account",),
    registry=REGISTRY,
)
SCTE35_SIGNALS = Counter(
    "medialive_scte35_signals_total",
    "SCTE-35 signals of a channel's input by type, since its signals are counted.",
    ("namespace", "name", "type"),
    registry=REGISTRY,
)
DETACHED = Counter(
    "medialive_force_detached_total",
    "Objects that were given up by annotation; what they have in the cloud was left.",
    registry=REGISTRY,
)
