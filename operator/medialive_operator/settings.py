"""Every option of the operator, in one typed object: defaults, units, meaning, and the only reader of the environment.

Made by the command line (`cli.run`), which overrides fields by flags; read by `controller`. Each field `x_y` is the
flag `--x-y` and the environment variable `MEDIALIVE_X_Y`.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """What the operator can be told."""

    model_config = SettingsConfigDict(env_prefix="MEDIALIVE_", extra="ignore", use_attribute_docstrings=True)

    kubeconfig: Path | None = None
    """Kubeconfig to use; by default the pod's service account, and outside a cluster the usual kubeconfig."""

    namespaces: Annotated[tuple[str, ...], NoDecode] = ()
    """Namespaces to watch, separated by commas in the environment. Empty: all of them."""

    label_selector: str | None = None
    """Only objects with these labels, e.g. `shard=a`. Several operators share a cluster this way."""

    credentials_secret: str | None = None
    """`namespace/name` of the Secret for objects whose namespace has no credentials of its own."""

    region: str | None = None
    """Region for objects and Secrets that name none, e.g. ap-southeast-3."""

    sweep_interval: float = Field(default=30.0, ge=1.0, le=3600.0)
    """Seconds between two lists of all channels of an account."""

    calls_per_minute: int = Field(default=80, ge=10, le=10_000)
    """Calls a minute to Media Live for each account; the service allows 80."""

    resync_interval: float = Field(default=600.0, ge=30.0, le=86_400.0)
    """Seconds after which an object is looked at again although nothing happened, and missed deletions are found."""

    bind_address: str = "0.0.0.0"
    """Address of the probes and metrics."""

    port: int = Field(default=8080, ge=0, le=65_535)
    """Port of /healthz, /readyz and /metrics; 0 takes a free one."""

    log_format: Literal["auto", "json", "console"] = "auto"
    """`auto` is `console` on a terminal and `json` elsewhere."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is logged."""

    time_scale: float = Field(default=1.0, gt=0.0, le=1000.0)
    """How fast the operator's clock runs. Only for rehearsals, against a simulator that runs as fast."""

    @field_validator("namespaces", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _named_whole(self) -> "Settings":
        if self.credentials_secret is not None and self.credentials_secret.count("/") != 1:
            raise ValueError(f"credentials_secret must be namespace/name, not {self.credentials_secret!r}")
        return self
