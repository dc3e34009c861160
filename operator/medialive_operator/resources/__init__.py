"""What users write: the Kubernetes kinds as pydantic models."""
