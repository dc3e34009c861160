"""Media Live as a Python library, usable without Kubernetes."""
