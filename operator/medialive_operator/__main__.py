"""`python -m medialive_operator` is the `medialive` command; no logic here."""

from medialive_operator.cli.main import app

if __name__ == "__main__":
    app(prog_name="medialive")
