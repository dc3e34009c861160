"""How the simulated service behaves where the real one is not known, or can be either: one named option each.

Read by every part of the simulator; set by `medialive simulate --profile … --set name=value` and by tests.
It must not hold state. The defaults are what the documents say most clearly; the profiles are other services that
the same documents allow, and a client has to work with all of them (behaviour notes, section 12).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Judgement = Literal["allow", "refuse"]


class Options(BaseModel):
    """Switches of the simulated service. Durations are seconds of the simulator's clock."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Answers
    flow_created_status: Literal[200, 201] = Field(200, description="Success of POST flows and POST flows/outputs.")
    not_found_status: Literal[400, 404] = Field(400, description="HTTP status of LIVE.103011019.")
    ott_error_shape: Literal["result", "error"] = Field(
        "result", description="Errors of channel calls as result_code/result_msg, or as error_code/error_msg."
    )
    auth_errors: Literal["gateway", "service"] = Field(
        "gateway", description="Refused credentials as APIGW.* of the gateway, or as LIVE.* of the service."
    )
    quota_code: str = Field("LIVE.103011020", description="Code of a reached channel or output quota (400).")
    wrong_state_code: str = Field("LIVE.103011022", description="Code of a call refused in the present state (400).")

    # Reading
    optional_fields: Literal["filled", "null", "missing"] = Field(
        "filled", description="Unset optional fields of a channel: documented defaults, null, or left out."
    )
    passphrase_on_read: Literal["echo", "mask", "omit"] = Field(
        "echo", description="SRT passphrases in answers; data_display=true shows those of flows in any case."
    )
    scte35_spelling: Literal["code", "title"] = Field(
        "code", description="Signal types as the field text has them (splice_insert) or as the sample (Splice Insert)."
    )
    list_order: Literal["created", "key", "unstable"] = Field("created", description="Order of lists of channels.")
    list_filter: Literal["exact", "prefix"] = Field("exact", description="How the id filter of channels matches.")
    list_lag: float = Field(0, ge=0, description="Lists of channels show what was there this long ago.")

    # Channels
    delete_running: Judgement = Field("refuse", description="DELETE of a channel that is ON.")
    state_repeat: Judgement = Field("allow", description="PUT state to the state that the channel has.")
    restart_seconds: float = Field(30, ge=0, description="How long a running channel restarts after a change.")
    noop_put_restarts: bool = Field(True, description="A PUT that changes nothing restarts a running channel, too.")
    put_while_restarting: Judgement = Field("allow", description="PUTs to a channel that restarts.")
    package_ids: Literal["keep", "renew"] = Field(
        "renew", description="Id of a package that a PUT sends without one: kept by its URL, or made anew."
    )
    omitted_scalars: Literal["reset", "keep"] = Field(
        "reset", description="Plain values left out inside a block that is PUT."
    )
    expand_on: Literal["input", "encoder_settings", "both"] = Field(
        "input", description="Which PUT honours encoder_settings_expand."
    )
    expand_left_out: Literal["keep", "clear"] = Field(
        "keep", description="encoder_settings_expand when the PUT that honours it leaves it out."
    )
    channel_id_scope: Literal["key", "project"] = Field("key", description="Where a channel id must be unique.")
    mixed_push_domains: Judgement = Field("refuse", description="RTMP_PUSH and SRT_PUSH channels on one domain.")
    push_urls_follow_templates: bool = Field(False, description="Other templates change the URLs of push channels.")
    cross_field_rules: Literal["check", "ignore"] = Field("check", description="Documented rules between fields.")
    unknown_fields: Literal["ignore", "refuse"] = Field("ignore", description="Body fields the contract has not.")
    channel_quota: int = Field(500, ge=0, description="Channels of an account.")

    # Flows
    flow_transition_seconds: float = Field(
        0, ge=0, description="How long a flow is STARTING or STOPPING; 0: start and stop take effect at once."
    )
    flow_state_repeat: Judgement = Field("allow", description="Starting a started flow, stopping a stopped one.")
    flow_edit_active: Judgement = Field("allow", description="Changing sources and outputs of a started flow.")
    flow_delete_active: Judgement = Field("refuse", description="DELETE of a started flow.")
    flow_names: Literal["any", "unique"] = Field("any", description="Whether two flows may have one name.")
    source_rename: Judgement = Field("allow", description="Another name or protocol in PUT flows/sources.")
    output_put: Literal["full", "partial"] = Field("full", description="PUT flows/outputs replaces, or merges.")
    outputs_post: Literal["all_or_nothing", "one_by_one"] = Field(
        "all_or_nothing", description="POST flows/outputs with a bad output: nothing, or those before it, are made."
    )
    outputs_per_flow: int = Field(10, ge=0, description="Outputs of a flow.")
    flow_health: Literal["connected", "disconnected"] = Field(
        "connected", description="Health of the links of a started flow, unless the admin port says otherwise."
    )

    # Limits
    throttle_scope: Literal["category", "operation", "account", "none"] = Field(
        "category", description="What shares one window of calls: a category, an operation, everything, or no limit."
    )
    throttle_calls: int = Field(80, ge=1, description="Calls in a window.")
    throttle_seconds: float = Field(60, gt=0, description="Length of the window, which slides.")
    throttle_retry_after: bool = Field(False, description="Retry-After beside 429.")
    throttle_counts_refused: bool = Field(True, description="Calls refused with 429 take room in the window.")
    concurrency_limit: int | None = Field(None, ge=1, description="Open calls of a project before LIVE.100011007.")
    latency: float = Field(0, ge=0, description="How long each call takes.")

    # Credentials
    clock_skew: float | None = Field(900, ge=0, description="How far X-Sdk-Date may be off; none: not looked at.")
    token_seconds: float = Field(86_400, gt=0, description="How long a token, or a temporary key, is valid.")


PROFILES: Mapping[str, Mapping[str, object]] = {
    "default": {},
    "strict": {
        "flow_created_status": 201,
        "not_found_status": 404,
        "state_repeat": "refuse",
        "put_while_restarting": "refuse",
        "channel_id_scope": "project",
        "unknown_fields": "refuse",
        "flow_state_repeat": "refuse",
        "flow_edit_active": "refuse",
        "flow_names": "unique",
        "source_rename": "refuse",
        "throttle_scope": "account",
        "expand_left_out": "clear",
    },
    "lenient": {
        "delete_running": "allow",
        "noop_put_restarts": False,
        "package_ids": "keep",
        "omitted_scalars": "keep",
        "expand_on": "both",
        "mixed_push_domains": "allow",
        "cross_field_rules": "ignore",
        "flow_delete_active": "allow",
        "output_put": "partial",
        "outputs_post": "one_by_one",
        "throttle_scope": "operation",
        "throttle_retry_after": True,
        "throttle_counts_refused": False,
    },
    "masked": {"passphrase_on_read": "mask", "optional_fields": "missing"},
    "nulls": {"passphrase_on_read": "omit", "optional_fields": "null", "scte35_spelling": "title"},
    "gateway": {"ott_error_shape": "error", "not_found_status": 404, "throttle_retry_after": True},
    "slow": {"flow_transition_seconds": 20, "list_lag": 3, "list_order": "unstable", "latency": 0.2},
}


def options_of(profile: str, settings: Iterable[str] = ()) -> Options:
    """A profile with some options set by `name=value` texts.

    Raises ValueError (pydantic's ValidationError among them) that names the profile or option that does not exist.
    """
    if profile not in PROFILES:
        raise ValueError(f"there is no profile {profile!r}; choose one of {', '.join(PROFILES)}")
    return Options.model_validate({**PROFILES[profile], **dict(map(_parsed, settings))})


def _parsed(setting: str) -> tuple[str, object]:
    name, equals, text = setting.partition("=")
    if not equals:
        raise ValueError(f"{setting!r} sets nothing; write name=value")
    try:
        return name.strip(), json.loads(text)
    except ValueError:
        return name.strip(), None if text == "none" else text
