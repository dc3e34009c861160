"""stub"""

from medialive_operator.cloud.calls import Caller


class Channels:
    """Channels."""

    def __init__(self, cloud: Caller) -> None:
        self.cloud = cloud
