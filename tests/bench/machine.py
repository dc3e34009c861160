"""The machine a bench ran on, and what a process of it uses (Linux: /proc)."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Usage:
    """What a process uses. rss: MiB now; peak: MiB at most since its start; cpu: seconds since its start."""

    rss: float
    peak: float
    cpu: float


def usage(pid: int) -> Usage:
    """What the process uses now."""
    process = Path("/proc", str(pid))
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    # The name in parentheses may hold anything; user and system time are the 14th and 15th field of all.
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    rss, peak = (int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return Usage(rss, peak, ticks / os.sysconf("SC_CLK_TCK"))


def child_of(pid: int) -> int:
    """The only child of a process."""
    (child,) = Path("/proc", str(pid), "task", str(pid), "children").read_text().split()
    return int(child)


def load() -> str:
    """How many programs wanted a core during the last minute, those of others and our own."""
    return f"{os.getloadavg()[0]:.1f}"


def described() -> str:
    """Cores, memory and Python, for the head of a report."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _MIB / 1024
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {memory:.0f} GiB of memory, {platform.system()}, Python {platform.python_version()}"
