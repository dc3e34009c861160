"""The `medialive` command."""
