"""Desired and observed state in, a plan out. Pure."""
