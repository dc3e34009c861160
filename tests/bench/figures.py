"""What a bench found: figures in chapters. Made by the benches, shown by `report`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value. `holds`: whether it is within its bar; None when it has none."""

    what: str
    measured: str
    bar: str = ""
    holds: bool | None = None


@dataclass(frozen=True)
class Chapter:
    """Figures that were measured together, and how."""

    title: str
    how: str
    figures: tuple[Figure, ...]


def at_most(what: str, value: float, bar: float, unit: str = "", digits: int = 0) -> Figure:
    """A figure that must not be above its bar."""
    after = f" {unit}" if unit else ""
    return Figure(what, f"{value:.{digits}f}{after}", f"at most {bar:g}{after}" if bar else "0", value <= bar)
