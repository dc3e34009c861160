"""`medialive run`: the operator itself. Reads the settings, starts the process, turns signals into a stop."""

import asyncio
import logging
import re
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
import yaml
from kubernetes.aio.config import ConfigException
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from medialive_operator.clock import Clock, ScaledClock, SystemClock
from medialive_operator.cluster.connection import Connection
from medialive_operator.controller.process import OperatorProcess
from medialive_operator.settings import Settings

log = structlog.get_logger(__name__)

_UNITS = " A number, with s, m or h; seconds without."


def _option(flag: str, metavar: str, more: str = "", default: str | None = None) -> Any:
    """The flag `--x-y` and the variable `MEDIALIVE_X_Y` of a field; the help is the field's description."""
    name = "namespaces" if flag == "--namespace" else flag.removeprefix("--").replace("-", "_")
    field = Settings.model_fields[name]
    shown = default if default is not None else field.default
    return typer.Option(
        flag,
        envvar=f"MEDIALIVE_{name.upper()}",
        help=f"{field.description}{more}",
        metavar=metavar,
        show_default=str(shown) if shown else False,
    )


def run(  # noqa: PLR0913, PLR0917 -- one parameter a flag
    kubeconfig: Annotated[Path | None, _option("--kubeconfig", "FILE")] = None,
    namespace: Annotated[list[str] | None, _option("--namespace", "NAME", " The flag may be repeated.")] = None,
    all_namespaces: Annotated[
        bool,
        typer.Option(
            "--all-namespaces", envvar="MEDIALIVE_ALL_NAMESPACES", help="All namespaces, whatever else is set."
        ),
    ] = False,
    label_selector: Annotated[str | None, _option("--label-selector", "SELECTOR")] = None,
    credentials_secret: Annotated[str | None, _option("--credentials-secret", "NAMESPACE/NAME")] = None,
    region: Annotated[str | None, _option("--region", "REGION")] = None,
    sweep_interval: Annotated[str | None, _option("--sweep-interval", "DURATION", _UNITS, "30s")] = None,
    calls_per_minute: Annotated[int | None, _option("--calls-per-minute", "CALLS")] = None,
    resync_interval: Annotated[str | None, _option("--resync-interval", "DURATION", _UNITS, "10m")] = None,
    bind_address: Annotated[str | None, _option("--bind-address", "ADDRESS")] = None,
    port: Annotated[int | None, _option("--port", "PORT")] = None,
    log_format: Annotated[str | None, _option("--log-format", "FORMAT")] = None,
    log_level: Annotated[str | None, _option("--log-level", "LEVEL")] = None,
    time_scale: Annotated[float | None, _option("--time-scale", "FACTOR")] = None,
) -> None:
    """Run the operator.

    It watches the objects and makes the cloud follow, until SIGTERM or Ctrl-C.
    """
    given = {name: value for name, value in locals().items() if name not in ("namespace", "all_namespaces")}
    # One flag may name several, as the variable does.
    given["namespaces"] = () if all_namespaces else ",".join(namespace) if namespace else None
    settings = read_settings({name: value for name, value in given.items() if value is not None})
    configure_logs(settings)
    sys.exit(asyncio.run(_run(settings)))


def read_settings(given: dict[str, Any]) -> Settings:
    """The settings by flags and environment; a wrong value ends the start with all problems told."""
    for name in ("sweep_interval", "resync_interval"):
        if isinstance(given.get(name), str):
            given[name] = _seconds(given[name])
    try:
        return Settings(**given)
    except ValidationError as error:
        for problem in error.errors():
            typer.echo(_told(problem), err=True)
        raise typer.Exit(2) from None


def _seconds(duration: str) -> float | str:
    """`90`, `90s`, `10m` or `1h` in seconds; anything else as it is, for the settings to refuse."""
    written = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", duration.strip())
    return float(written[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[written[2]] if written else duration


def _told(problem: ErrorDetails) -> str:
    """Which flag is wrong, and why."""
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    name = str(problem["loc"][0])
    flag = "--namespace" if name == "namespaces" else f"--{name.replace('_', '-')}"
    return f"{flag} (or MEDIALIVE_{name.upper()}) is {problem['input']!r}: {message}"


def configure_logs(settings: Settings) -> None:
    """Structured logs on standard error: JSON, or readable on a terminal."""
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    renderer: Any = _console() if console else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    told = [*shared, structlog.processors.format_exc_info]  # as text: a renderer of its own might show variables
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*told, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Other libraries speak through the standard library; httpx and aiohttp would tell every URL at info.
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=told, processor=renderer)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def _console() -> Any:
    # Not the default with rich: it prints local variables, and these may be secrets.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def clock_of(settings: Settings) -> Clock:
    """The machine's clock, or a faster one for rehearsals."""
    return SystemClock() if settings.time_scale == 1.0 else ScaledClock(settings.time_scale)


async def _run(settings: Settings) -> int:
    try:
        connection = await Connection.open(settings.kubeconfig)
    except (ConfigException, yaml.YAMLError, OSError) as error:
        where = settings.kubeconfig or "the default kubeconfig, and this is no pod"
        log.error("no way to reach a cluster: give --kubeconfig", tried=str(where), error=str(error))
        return 2
    try:
        process = OperatorProcess(settings, connection, clock_of(settings))
        log.info("starting", port=process.port, namespaces=list(settings.namespaces) or "all")
        await process.run(started=lambda: _started(process))
    except Exception:
        log.exception("the operator ends")
        return 1
    finally:
        await connection.close()
    log.info("stopped")
    return 0


def _started(process: OperatorProcess) -> None:
    # Only now: kopf puts its own handlers in place when it starts, and never ours back.
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.stop)
    log.info("ready", port=process.port)
