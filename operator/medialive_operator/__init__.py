"""Media Live as Kubernetes objects: an operator for Huawei Cloud Media Live."""

__version__ = "0.1.0"
