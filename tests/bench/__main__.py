"""`python -m tests.bench`: runs the benches and shows what they found. Exits 1 when a figure is beyond its bar."""

import math
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from medialive_operator.resources.stream_connect_flows import STREAM_CONNECT_FLOW
from tests.bench.creating import creation
from tests.bench.figures import Chapter
from tests.bench.flows import calls_per_flow_operation, flows_at_rest, flows_created
from tests.bench.machine import described, load
from tests.bench.operations import calls_per_operation
from tests.bench.reacting import reaction
from tests.bench.report import Circumstances, show, write
from tests.bench.restarting import restart
from tests.bench.resting import rest
from tests.bench.rigs import Ground, Rig, prepared
from tests.builders import channel

# The service's limit, whatever is called.
_LIMITED = ("--set", "throttle_scope=account")
# Where the limit is not what is measured: as many calls as come, on both sides.
_UNLIMITED_CLOUD = ("--set", 'throttle_scope="none"')
_UNLIMITED = ("--calls-per-minute", "10000")
# Deep reads of all flows take many minutes at a quarter of 80 calls a minute.
_FAST = 10.0


@dataclass(frozen=True)
class Sizes:
    """How much is measured. seconds: of being left alone; scale: of the clocks during the creations."""

    channels: int
    flows: int
    many: int
    changes: int
    seconds: float
    scale: float


def single(ground: Ground, _: Sizes) -> Iterator[Chapter]:
    """One channel's life."""
    with ground.rig("single", simulator=_UNLIMITED_CLOUD, operator=_UNLIMITED) as rig:
        yield calls_per_operation(rig)


def batch(ground: Ground, sizes: Sizes) -> Iterator[Chapter]:
    """Many creations against the limit."""
    with ground.rig("batch", scale=sizes.scale, simulator=_LIMITED) as rig:
        yield creation(rig, sizes.channels, sizes.scale)


def fleet(ground: Ground, sizes: Sizes) -> Iterator[Chapter]:
    """A fleet that grows from nothing to many: what it costs, how it reacts, how it restarts."""
    with ground.rig("fleet", simulator=_UNLIMITED_CLOUD, operator=_UNLIMITED) as rig:
        yield rest(rig, 0, sizes.seconds / 4)
        names = [f"channel-{number:03}" for number in range(sizes.many)]
        few = names[: sizes.channels]
        yield from _stage(rig, few, few, sizes.seconds)
        yield reaction(rig, few, sizes.changes)
        yield from _stage(rig, names[len(few) :], names, sizes.seconds)


def flows(ground: Ground, sizes: Sizes) -> Iterator[Chapter]:
    """One flow's life, many creations against the limit, and flows that are left alone under the limit."""
    rig = partial(ground.rig, kind=STREAM_CONNECT_FLOW)
    with rig("flow", simulator=_UNLIMITED_CLOUD, operator=_UNLIMITED) as one:
        yield calls_per_flow_operation(one, outputs=10)
    with rig("flows", scale=sizes.scale, simulator=_LIMITED) as many:
        yield flows_created(many, sizes.flows, 10, sizes.scale)
    with rig("flows-at-rest", scale=_FAST, simulator=_LIMITED) as some:
        yield flows_at_rest(some, math.ceil(sizes.flows / 2), 4, sizes.seconds, _FAST)


def _stage(rig: Rig, new: list[str], everything: list[str], seconds: float) -> Iterator[Chapter]:
    rig.create([channel(name) for name in new])
    rig.until_ready(len(everything))
    yield rest(rig, len(everything), seconds)
    yield restart(rig, len(everything))


BENCHES: Mapping[str, Callable[[Ground, Sizes], Iterator[Chapter]]] = {
    "single": single,
    "batch": batch,
    "fleet": fleet,
    "flows": flows,
}


def main(  # noqa: PLR0917 -- each is a flag of the command
    only: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(BENCHES)}; repeatable.")] = None,
    channels: Annotated[int, typer.Option(min=1, help="Channels that are created at once.")] = 100,
    flows_at_once: Annotated[int, typer.Option("--flows", min=1, help="Flows that are created at once.")] = 100,
    many: Annotated[int, typer.Option(min=1, help="Channels of the large fleet.")] = 500,
    changes: Annotated[int, typer.Option(min=2, help="Changes whose delay is measured.")] = 40,
    seconds: Annotated[float, typer.Option(min=1, help="How long the operator is left alone.")] = 120,
    time_scale: Annotated[float, typer.Option(min=1, help="How fast both clocks run during the creations.")] = 1,
    save: Annotated[bool, typer.Option("--write", help="Write the chapters into docs/performance.md, too.")] = False,
) -> None:
    """Measure the operator on the real control plane and the simulator; takes about half an hour."""
    unknown = set(only or ()) - set(BENCHES)
    if unknown:
        raise typer.BadParameter(f"there is no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    console = Console()
    sizes = Sizes(channels, flows_at_once, many, changes, seconds, time_scale)
    command = " ".join(["make bench", f"ARGS={shlex.quote(shlex.join(sys.argv[1:]))}" if sys.argv[1:] else ""]).strip()
    date, before = time.strftime("%Y-%m-%d", time.gmtime()), load()
    console.print(f"{described()}; load average {before}; {date}; {command}\n", soft_wrap=True, highlight=False)
    chapters = _measured(only or list(BENCHES), sizes, console)
    if save:
        busy = f"{before} at the start, {load()} at the end"
        write(chapters, Circumstances(described(), busy, command, date), whole=not only)
    if any(figure.holds is False for chapter in chapters for figure in chapter.figures):
        raise typer.Exit(1)


def _measured(names: list[str], sizes: Sizes, console: Console) -> list[Chapter]:
    """Run these benches, and show each chapter as soon as it is measured."""
    chapters = []
    with prepared(console.print) as ground:
        for name in names:
            for chapter in BENCHES[name](ground, sizes):
                show(console, chapter)
                chapters.append(chapter)
    return chapters


if __name__ == "__main__":
    typer.run(main)
