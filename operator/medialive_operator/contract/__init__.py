"""Facts about the service as data: operations, error codes, limits, sections and their disruption class."""
