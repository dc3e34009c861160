"""The 23 operations of Media Live that the operator uses: name, method, path, arguments. Facts as data.

Read by the client, the planner, the metrics and the reference pages. No logic beyond look-up.
Source: media-live.openapi.yaml; a test holds this table to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """An operation by its id in the contract."""

    CREATE_OTT_CHANNEL_INFO = "create_ott_channel_info"
    LIST_OTT_CHANNEL_INFO = "list_ott_channel_info"
    DELETE_OTT_CHANNEL_INFO = "delete_ott_channel_info"
    MODIFY_OTT_CHANNEL_INFO_END_POINTS = "modify_ott_channel_info_end_points"
    MODIFY_OTT_CHANNEL_INFO_INPUT = "modify_ott_channel_info_input"
    MODIFY_OTT_CHANNEL_INFO_RECORD_SETTINGS = "modify_ott_channel_info_record_settings"
    MODIFY_OTT_CHANNEL_INFO_GENERAL = "modify_ott_channel_info_general"
    MODIFY_OTT_CHANNEL_INFO_STATS = "modify_ott_channel_info_stats"
    MODIFY_OTT_CHANNEL_INFO_ENCODER_SETTINGS = "modify_ott_channel_info_encoder_settings"
    SHOW_CHANNEL_STATISTIC = "show_channel_statistic"
    LIST_CES_DIMS_INFO = "list_ces_dims_info"
    LIST_CES_INSTANCE = "list_ces_instance"
    CREATE_FLOWS = "create_flows"
    LIST_FLOWS = "list_flows"
    DELETE_FLOW = "delete_flow"
    SHOW_FLOW_DETAIL = "show_flow_detail"
    MODIFY_FLOW_START = "modify_flow_start"
    MODIFY_FLOW_STOP = "modify_flow_stop"
    MODIFY_FLOW_SOURCES = "modify_flow_sources"
    CREATE_FLOW_OUTPUT = "create_flow_output"
    MODIFY_FLOW_OUTPUT = "modify_flow_output"
    SHOW_OUTPUT_INFO = "show_output_info"
    DELETE_FLOW_OUTPUT = "delete_flow_output"


class Sends(StrEnum):
    """Where an operation's arguments go."""

    QUERY = "query"
    BODY = "body"
    BOTH = "both"


@dataclass(frozen=True)
class OperationFacts:
    """How an operation is called. `repeatable`: calling it twice does no more than calling it once."""

    method: str
    path: str
    sends: Sends
    repeatable: bool


_CHANNELS = "/v1/{project_id}/ott/channels"
_FLOWS = "/v1/{project_id}/flows"

OPERATIONS: Mapping[Operation, OperationFacts] = {
    Operation.CREATE_OTT_CHANNEL_INFO: OperationFacts("POST", _CHANNELS, Sends.BODY, repeatable=False),
    Operation.LIST_OTT_CHANNEL_INFO: OperationFacts("GET", _CHANNELS, Sends.QUERY, repeatable=True),
    Operation.DELETE_OTT_CHANNEL_INFO: OperationFacts("DELETE", _CHANNELS, Sends.QUERY, repeatable=False),
    Operation.MODIFY_OTT_CHANNEL_INFO_END_POINTS: OperationFacts(
        "PUT", f"{_CHANNELS}/endpoints", Sends.BODY, repeatable=False
    ),
    Operation.MODIFY_OTT_CHANNEL_INFO_INPUT: OperationFacts("PUT", f"{_CHANNELS}/input", Sends.BODY, repeatable=False),
    Operation.MODIFY_OTT_CHANNEL_INFO_RECORD_SETTINGS: OperationFacts(
        "PUT", f"{_CHANNELS}/record-settings", Sends.BODY, repeatable=False
    ),
    Operation.MODIFY_OTT_CHANNEL_INFO_GENERAL: OperationFacts(
        "PUT", f"{_CHANNELS}/general", Sends.BODY, repeatable=False
    ),
    Operation.MODIFY_OTT_CHANNEL_INFO_STATS: OperationFacts("PUT", f"{_CHANNELS}/state", Sends.BODY, repeatable=False),
    # The path is spelled so in the API.
    Operation.MODIFY_OTT_CHANNEL_INFO_ENCODER_SETTINGS: OperationFacts(
        "PUT", f"{_CHANNELS}/encorder-settings", Sends.BODY, repeatable=False
    ),
    # A POST without side effects; paging goes into the query.
    Operation.SHOW_CHANNEL_STATISTIC: OperationFacts("POST", f"{_CHANNELS}/statistic", Sends.BOTH, repeatable=True),
    Operation.LIST_CES_DIMS_INFO: OperationFacts("GET", "/v1/{project_id}/ott/dims-info", Sends.QUERY, repeatable=True),
    Operation.LIST_CES_INSTANCE: OperationFacts("POST", "/v1/{project_id}/ott/instances", Sends.BODY, repeatable=True),
    Operation.CREATE_FLOWS: OperationFacts("POST", _FLOWS, Sends.BODY, repeatable=False),
    Operation.LIST_FLOWS: OperationFacts("GET", _FLOWS, Sends.QUERY, repeatable=True),
    Operation.DELETE_FLOW: OperationFacts("DELETE", _FLOWS, Sends.QUERY, repeatable=False),
    Operation.SHOW_FLOW_DETAIL: OperationFacts("GET", f"{_FLOWS}/detail", Sends.QUERY, repeatable=True),
    Operation.MODIFY_FLOW_START: OperationFacts("PUT", f"{_FLOWS}/start", Sends.QUERY, repeatable=False),
    Operation.MODIFY_FLOW_STOP: OperationFacts("PUT", f"{_FLOWS}/stop", Sends.QUERY, repeatable=False),
    Operation.MODIFY_FLOW_SOURCES: OperationFacts("PUT", f"{_FLOWS}/sources", Sends.BOTH, repeatable=False),
    Operation.CREATE_FLOW_OUTPUT: OperationFacts("POST", f"{_FLOWS}/outputs", Sends.BOTH, repeatable=False),
    Operation.MODIFY_FLOW_OUTPUT: OperationFacts("PUT", f"{_FLOWS}/outputs", Sends.BOTH, repeatable=False),
    Operation.SHOW_OUTPUT_INFO: OperationFacts("GET", f"{_FLOWS}/outputs", Sends.QUERY, repeatable=True),
    Operation.DELETE_FLOW_OUTPUT: OperationFacts("DELETE", f"{_FLOWS}/outputs", Sends.QUERY, repeatable=False),
}
