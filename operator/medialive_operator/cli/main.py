"""The `medialive` command. Each verb lives in a module of its own; this one only gathers them."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
