"""An emulator of Media Live and its IAM over HTTP."""
