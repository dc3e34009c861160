"""Passes over OTT channels."""
