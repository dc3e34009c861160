"""The `medialive` command. Each verb lives in a module of its own; this one only gathers them."""

import typer

from medialive_operator.cli.demo import demo
from medialive_operator.cli.generate import generate
from medialive_operator.cli.permissions import permissions
from medialive_operator.cli.run import run
from medialive_operator.cli.simulate import simulate

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def medialive() -> None:
    """Huawei Cloud Media Live as Kubernetes objects."""


app.command()(demo)
app.command()(run)
app.command()(simulate)
app.command()(permissions)
app.command()(generate)
