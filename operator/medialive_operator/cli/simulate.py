"""`medialive simulate`: Media Live and IAM on loopback, for demos, tests and pipelines without a cloud account.

For users' scripts: one line of JSON on stdout says where it listens and whom it knows. It runs until SIGINT or SIGTERM.
"""

import asyncio
import json
import signal
from pathlib import Path
from typing import Annotated

import typer

from medialive_operator.clock import SystemClock
from medialive_operator.simulator.accounts import numbered_accounts
from medialive_operator.simulator.app import Simulator
from medialive_operator.simulator.options import PROFILES, Options, options_of
from medialive_operator.simulator.serving import announcement, served


def simulate(  # noqa: PLR0913 - each is a flag of the command
    *,
    port: Annotated[int, typer.Option(help="Port of Media Live and IAM; 0: a free one.")] = 0,
    admin_port: Annotated[int, typer.Option(help="Port of the admin API; 0: a free one.")] = 0,
    host: Annotated[
        str, typer.Option(help="Address to listen on. It speaks plain HTTP: keep it on loopback.")
    ] = "127.0.0.1",
    profile: Annotated[str, typer.Option(help=f"How the service behaves: {', '.join(PROFILES)}.")] = "default",
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set one option of the profile; repeatable.")
    ] = None,
    accounts: Annotated[int, typer.Option(min=1, max=99, help="How many accounts it knows.")] = 2,
    state_file: Annotated[Path | None, typer.Option(help="Keep channels and flows here across restarts.")] = None,
    list_options: Annotated[bool, typer.Option("--list-options", help="Show all options and exit.")] = False,
) -> None:
    """Run a simulator of Media Live and its IAM."""
    if list_options:
        typer.echo(_described())
        return
    try:
        options = options_of(profile, set_ or [])
        simulator = Simulator(options, SystemClock(), accounts=numbered_accounts(accounts), state_file=state_file)
        asyncio.run(_run(simulator, host, port, admin_port))
    except (ValueError, OSError) as error:
        typer.echo(f"cannot simulate: {error}", err=True)
        raise typer.Exit(2) from None


async def _run(simulator: Simulator, host: str, port: int, admin_port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with served(simulator, host=host, port=port, admin_port=admin_port) as addresses:
        typer.echo(json.dumps(announcement(simulator, addresses)))
        await stopped.wait()


def _described() -> str:
    return "\n".join(
        f"{name}={json.dumps(field.default)}\n    {field.description}" for name, field in Options.model_fields.items()
    )
