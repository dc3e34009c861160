"""Passes over StreamConnect flows."""
