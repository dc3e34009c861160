"""Wire models of the Cloud Eye calls: dimensions and instances, no values.

Source: contract, tag Integration with Cloud Eye.
"""

from pydantic import Field

from medialive_operator.cloud.wire import Wire


class DimensionName(Wire):
    """A dimension's name for people, by language (CesDimsItemDisplayId)."""

    zh_cn: str | None = Field(default=None, alias="zh-cn")
    en_us: str | None = Field(default=None, alias="en-us")


class DimensionDisplay(Wire):
    """How a dimension is shown (CesDimsItemDisplay)."""

    id: DimensionName | None = None


class Dimension(Wire):
    """A dimension: its parameters and how it is shown (CesDimsItem)."""

    params: list[str] | None = None
    display: DimensionDisplay | None = None


class Dimensions(Wire):
    """All dimensions (CesQueryRespQuery). medialive_mpc contains pipeline, which contains audio."""

    medialive_mpc: Dimension | None = None
    pipeline: Dimension | None = None
    audio: Dimension | None = None
    medialive_cdn: Dimension | None = None
    medialive_package: Dimension | None = None
    medialive_connect: Dimension | None = None
    medialive_tailor: Dimension | None = None
    region: Dimension | None = None


class ListCesDimsInfoResponse(Wire):
    """The dimensions of the service."""

    query: Dimensions | None = None


class DimensionQuery(Wire):
    """A step on the way to the wanted instances; the last one has no id (ListCesInstanceRequestBodyQuery)."""

    dim_name: str
    id: str | None = None


class ListCesInstanceRequestBody(Wire):
    """Asks for the instances of a dimension, a page of `limit` from `start` on."""

    namespace: str
    query: list[DimensionQuery]
    start: int | None = None
    limit: int | None = None


class Instance(Wire):
    """An instance of one dimension (ListCesInstanceRspBodyMedialiveMpc and its likes)."""

    id: str | None = None
    name: str | None = None


class Instances(Wire):
    """One instance, by dimension (ListCesInstanceRspBodyInstances)."""

    medialive_mpc: Instance | None = None
    pipeline: Instance | None = None
    audio: Instance | None = None


class ListCesInstanceResponse(Wire):
    """A page of instances, and how many there are."""

    instances: list[Instances] | None = None
    total: int | None = None
