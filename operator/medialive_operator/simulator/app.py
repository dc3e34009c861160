"""The simulated Media Live and IAM: one ASGI app for callers, another for whoever pulls the strings.

Made by `medialive simulate`, the demo and tests. Only puts the parts together.
"""

from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from medialive_operator.clock import Clock
from medialive_operator.simulator.accounts import Account, numbered_accounts
from medialive_operator.simulator.adjustable_clock import AdjustableClock
from medialive_operator.simulator.admin import admin_app
from medialive_operator.simulator.authentication import Authentication
from medialive_operator.simulator.channels import Channels
from medialive_operator.simulator.contract import contract
from medialive_operator.simulator.flow_outputs import FlowOutputs
from medialive_operator.simulator.flows import Flows
from medialive_operator.simulator.gateway import Checks, Gateway
from medialive_operator.simulator.identity import Identity
from medialive_operator.simulator.monitoring import Monitoring
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.state_file import StateFile
from medialive_operator.simulator.store import Store
from medialive_operator.simulator.throttling import Throttle

_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]


class Simulator:
    """The service with its memory. `app` is Media Live and IAM, `admin` the port behind the scenes; both are ASGI.

    With `state_file`, channels and flows are read from it, and written to it after each change.
    Raises ValueError when that file holds something else.
    """

    def __init__(
        self,
        options: Options,
        clock: Clock,
        *,
        accounts: Sequence[Account] | None = None,
        state_file: Path | None = None,
    ) -> None:
        self.options = options
        self.accounts = tuple(accounts or numbered_accounts(2))
        self.clock = AdjustableClock(clock)
        self.store = Store(self.clock)
        if state_file is not None:
            StateFile(state_file).keep(self.store)
        self.gateway = self._gateway()
        self.app = Starlette(routes=[Route("/{path:path}", self.gateway.serve, methods=_METHODS)])
        self.admin = admin_app(self.store, self.gateway, self.clock, self.accounts)

    def _gateway(self) -> Gateway:
        rules = contract(self.options.unknown_fields)
        authentication = Authentication(self.accounts, self.options, self.clock)
        checks = Checks(
            identity=Identity(self.accounts, authentication, self.options, self.clock),
            contract=rules,
            authentication=authentication,
            throttle=Throttle(self.options, self.clock),
        )
        handlers = {
            **Channels(self.store, self.options, self.clock, rules).handlers(),
            **Flows(self.store, self.options, self.clock).handlers(),
            **FlowOutputs(self.store, self.options, self.clock).handlers(),
            **Monitoring(self.store, self.options).handlers(),
        }
        return Gateway(checks, handlers, self.options, self.clock)
