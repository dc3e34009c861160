"""The reference pages about the operator itself: its options, metrics, annotations, and what it makes of errors.

Called by `medialive generate`; `resources.reference` makes those about the kinds. Everything is read from where the
operator reads it, so that a page cannot promise something else.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, get_args, get_origin

from annotated_types import Ge, Le
from prometheus_client.metrics import MetricWrapperBase
from pydantic.fields import FieldInfo

from medialive_operator import metrics
from medialive_operator.contract.error_codes import ERROR_CODES, ErrorClass
from medialive_operator.controller.outcomes import RETRIES
from medialive_operator.resources.annotations import ANNOTATIONS
from medialive_operator.resources.reference import table
from medialive_operator.settings import Settings

_HEADER = "<!-- Made by `medialive generate`. Do not edit. -->"

# What a class of errors means for an object, in the words of the conditions.
_SHOWN: Mapping[ErrorClass, tuple[str, str]] = {
    ErrorClass.NOT_FOUND: ("The channel does not exist.", "`Reconciling`; a deletion is done"),
    ErrorClass.EXISTS: ("Somebody has this channel id already.", "`Stalled`/`Conflict`"),
    ErrorClass.THROTTLED: ("Too many calls; the budget shrinks and recovers.", "`Reconciling`/`RateLimited`"),
    ErrorClass.TRANSIENT: ("May work the next time.", "`Reconciling`/`WaitingForCloud`"),
    ErrorClass.DENIED: ("Credentials or permissions.", "`CredentialsReady`/`Rejected` (401) or `Forbidden`"),
    ErrorClass.SUSPENDED: ("The account must be put in order first.", "`Stalled`/`AccountSuspended`"),
    ErrorClass.INVALID: ("The request must be changed.", "`Stalled`/`InvalidSpec`"),
    ErrorClass.UNSUPPORTED: ("Not offered here: wrong region, endpoint or API.", "`Stalled`/`UnsupportedChange`"),
}


def render_operator_reference() -> dict[str, str]:
    """File name -> content of each page."""
    return {
        "annotations.md": _page("Annotations", _ANNOTATIONS, table(("Annotation", "Value and effect"), _annotations())),
        "settings.md": _page("Settings", _SETTINGS, table(("Flag", "Variable", "Default", "Meaning"), _settings())),
        "metrics.md": _page("Metrics", _METRICS, table(("Metric", "Type", "Labels", "Meaning"), _metrics())),
        "errors.md": _page("Errors of the service", _ERRORS, _classes(), "## Codes", _codes()),
    }


_ANNOTATIONS = "How one object is steered by hand, with `kubectl annotate och NAME ANNOTATION=VALUE`."
_SETTINGS = (
    "What `medialive run` can be told. A flag goes before its variable. Intervals are numbers with `s`, `m` or `h`; "
    "seconds without. `--all-namespaces` (`MEDIALIVE_ALL_NAMESPACES`) overrules the namespaces."
)
_METRICS = (
    "Served at `/metrics` on `--port`, in the Prometheus text format. `account` is a short hash of endpoint and "
    "project, `kind` the plural name of a kind. Counters and histograms start at 0 with each start of the operator, "
    "and the series of an object go with it."
)
_ERRORS = (
    "The service and its gateway say what is wrong by a code; the HTTP status alone classifies nothing. An unknown "
    "code is taken by its status: 401, 403 and 407 Denied, 404 and 405 Unsupported, 408 and 425 Transient, 429 "
    "Throttled, other 4xx Invalid, everything else Transient. No class is for ever: each is tried again, with a delay "
    "that doubles and is random up to the given times, and at once when the spec, a Secret or a reference changes."
)


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((_HEADER, f"# {title}", *parts)) + "\n"


def _annotations() -> Iterator[tuple[str, str]]:
    for name, meaning in ANNOTATIONS.items():
        yield f"`{name}`", meaning


def _settings() -> Iterator[tuple[str, str, str, str]]:
    for name, field in Settings.model_fields.items():
        flag = "--namespace" if name == "namespaces" else f"--{name.replace('_', '-')}"
        default = f"`{_plain(field.default)}`" if field.default not in (None, ()) else ""
        meaning = " ".join(filter(None, (field.description, _limits(field))))
        yield f"`{flag}`", f"`MEDIALIVE_{name.upper()}`", default, meaning


def _limits(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return f"One of {', '.join(f'`{value}`' for value in get_args(field.annotation))}."
    least = next((rule.ge for rule in field.metadata if isinstance(rule, Ge)), None)
    most = next((rule.le for rule in field.metadata if isinstance(rule, Le)), None)
    return f"{_plain(least)} to {_plain(most)}." if least is not None and most is not None else ""


def _plain(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def _metrics() -> Iterator[tuple[str, str, str, str]]:
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            family = next(iter(metric.describe()))
            name = f"{family.name}_total" if family.type == "counter" else family.name
            # prometheus_client tells the labels of a metric without samples nowhere else.
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            yield f"`{name}`", family.type, labels, family.documentation


def _classes() -> str:
    rows = (
        (f"**{each}**", *_SHOWN[each], f"{RETRIES[each].base:g} s", f"{RETRIES[each].cap:g} s") for each in ErrorClass
    )
    return table(("Class", "Meaning", "What an object shows", "First retry within", "Later ones within"), rows)


def _codes() -> str:
    return table(("Code", "Class"), ((f"`{code}`", str(kind)) for code, kind in sorted(ERROR_CODES.items())))
