"""The only Kubernetes client code."""
