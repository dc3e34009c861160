"""The `medialive` command. Each verb lives in a module of its own, which is imported when the verb is used.

The operator must not pay for the simulator: all verbs together take 45 MB, the one that runs for months needs half.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

_VERBS = ("demo", "run", "simulate", "permissions", "generate")


class _Verbs(TyperGroup):
    """Finds a verb `x` as the function `x` of the module `cli.x`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All of them, in the order of the help."""
        return list(_VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The verb's command, None when there is no such verb."""
        if cmd_name not in _VERBS:
            return None
        verb = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        verb.command(cmd_name)(getattr(import_module(f"medialive_operator.cli.{cmd_name}"), cmd_name))
        return typer.main.get_command(verb)


app = typer.Typer(
    cls=_Verbs, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


@app.callback()
def medialive() -> None:
    """Huawei Cloud Media Live as Kubernetes objects."""
