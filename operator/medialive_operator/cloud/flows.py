"""stub"""

from medialive_operator.cloud.calls import Caller


class Flows:
    """Flows."""

    def __init__(self, cloud: Caller) -> None:
        self.cloud = cloud
