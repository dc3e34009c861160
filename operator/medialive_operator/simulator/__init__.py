"""An emulator of Media Live and its IAM over HTTP: for demos, tests and users' own pipelines. Never imports cloud/."""
