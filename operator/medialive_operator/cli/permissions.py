"""`medialive permissions`: the operator's rights in a cluster as manifests, for an installation without the chart.

`medialive permissions | kubectl apply -f -`. It talks to no cluster.
"""

from typing import Annotated

import typer
import yaml

from medialive_operator.cluster.permissions import installation


def permissions(
    namespace: Annotated[
        str, typer.Option("--namespace", metavar="NAME", help="Namespace of the operator's service account.")
    ] = "medialive-system",
) -> None:
    """Print the operator's rights, for `kubectl apply -f -`."""
    typer.echo(yaml.safe_dump_all(installation(namespace), sort_keys=False), nl=False)
