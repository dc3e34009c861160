"""stub"""

from medialive_operator.cloud.calls import Caller


class Monitoring:
    """Monitoring."""

    def __init__(self, cloud: Caller) -> None:
        self.cloud = cloud
