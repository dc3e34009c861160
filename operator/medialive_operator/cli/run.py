"""`medialive run`: the operator itself. Reads the settings, starts the process, turns signals into a stop."""

import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from pydantic import ValidationError

from medialive_operator.clock import Clock, ScaledClock, SystemClock
from medialive_operator.cluster.connection import Connection
from medialive_operator.controller.process import OperatorProcess
from medialive_operator.settings import Settings

log = structlog.get_logger(__name__)


def _help(name: str) -> str:
    return str(Settings.model_fields[name].description)


def _option(name: str, *flags: str) -> Any:
    return typer.Option(*flags, envvar=f"MEDIALIVE_{name.upper()}", help=_help(name))


def run(  # noqa: PLR0913, PLR0917 -- one parameter a flag
    kubeconfig: Annotated[Path | None, _option("kubeconfig", "--kubeconfig")] = None,
    namespace: Annotated[list[str] | None, _option("namespaces", "--namespace")] = None,
    all_namespaces: Annotated[
        bool, typer.Option("--all-namespaces", help="All namespaces, whatever else is set.")
    ] = False,
    label_selector: Annotated[str | None, _option("label_selector", "--label-selector")] = None,
    credentials_secret: Annotated[str | None, _option("credentials_secret", "--credentials-secret")] = None,
    region: Annotated[str | None, _option("region", "--region")] = None,
    sweep_interval: Annotated[str | None, _option("sweep_interval", "--sweep-interval")] = None,
    calls_per_minute: Annotated[int | None, _option("calls_per_minute", "--calls-per-minute")] = None,
    resync_interval: Annotated[str | None, _option("resync_interval", "--resync-interval")] = None,
    bind_address: Annotated[str | None, _option("bind_address", "--bind-address")] = None,
    port: Annotated[int | None, _option("port", "--port")] = None,
    log_format: Annotated[str | None, _option("log_format", "--log-format")] = None,
    log_level: Annotated[str | None, _option("log_level", "--log-level")] = None,
    time_scale: Annotated[float | None, _option("time_scale", "--time-scale")] = None,
) -> None:
    """Run the operator: watch the objects and make the cloud follow."""
    given = {name: value for name, value in locals().items() if name not in ("namespace", "all_namespaces")}
    given["namespaces"] = () if all_namespaces else namespace
    settings = read_settings({name: value for name, value in given.items() if value is not None})
    configure_logs(settings)
    sys.exit(asyncio.run(_run(settings)))


def read_settings(given: dict[str, Any]) -> Settings:
    """The settings by flags and environment; a wrong value ends the start with all problems told."""
    for name in ("sweep_interval", "resync_interval"):
        if isinstance(given.get(name), str):
            given[name] = given[name].removesuffix("s")
    try:
        return Settings(**given)
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(map(str, problem["loc"][:1])) or "settings"
            flag = f"--{name.replace('_', '-')} (MEDIALIVE_{name.upper()})"
            typer.echo(f"{flag}: {problem['msg']}; it is {problem['input']!r}", err=True)
        raise typer.Exit(2) from None


def configure_logs(settings: Settings) -> None:
    """Structured logs on standard error: JSON, or readable on a terminal."""
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    renderer: Any = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Other libraries speak through the standard library; httpx and aiohttp would tell every URL at info.
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def clock_of(settings: Settings) -> Clock:
    """The machine's clock, or a faster one for rehearsals."""
    return SystemClock() if settings.time_scale == 1.0 else ScaledClock(settings.time_scale)


async def _run(settings: Settings) -> int:
    connection = await Connection.open(settings.kubeconfig)
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
