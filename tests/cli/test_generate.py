"""`medialive generate`: the files of the repository are what the models say."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from medialive_operator.cli.generate import rendered
from medialive_operator.cli.main import app
from medialive_operator.resources.crds import KINDS, structural
from medialive_operator.resources.kinds import Kind
from medialive_operator.resources.live_effects import live_effects

ROOT = Path(__file__).parents[2]
CRD = "crds/medialive.huaweicloud.com_ottchannels.yaml"


def _generate(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["generate", *arguments])
    return done.exit_code, done.output


def test_the_files_in_the_repository_are_fresh() -> None:
    """Nobody changed a model without making the files anew, and nobody edited them by hand."""
    assert _generate("--into", str(ROOT), "--check") == (0, "")


def test_generated_files_are_written_once(tmp_path: Path) -> None:
    """A second run finds nothing to write, and the check agrees."""
    first = _generate("--into", str(tmp_path))
    second = _generate("--into", str(tmp_path))

    assert first[0] == 0
    assert set(first[1].splitlines()) == {f"wrote {path}" for path in rendered()}
    assert second == (0, "")
    assert _generate("--into", str(tmp_path), "--check") == (0, "")


def test_the_check_names_stale_files_and_leaves_them(tmp_path: Path) -> None:
    """`--check` fails on an edited and on a missing file, names both, and writes nothing."""
    _generate("--into", str(tmp_path))
    (tmp_path / CRD).write_text("edited")
    (tmp_path / "docs/reference/ottchannels.md").unlink()

    code, said = _generate("--into", str(tmp_path), "--check")

    assert code == 1
    assert f"{CRD} is out of date: run `medialive generate`" in said
    assert "docs/reference/ottchannels.md is out of date" in said
    assert (tmp_path / CRD).read_text() == "edited"
    assert not (tmp_path / "docs/reference/ottchannels.md").exists()


def test_the_crd_is_one_that_kubernetes_can_prune() -> None:
    """No trace of pydantic is left that a structural schema does not know."""
    crd = yaml.safe_load(rendered()[CRD])
    text = str(crd)

    assert crd["metadata"]["name"] == "ottchannels.medialive.huaweicloud.com"
    assert not [word for word in ("$ref", "anyOf", "'null'", "'title'", "'const'") if word in text]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_the_reference_page_has_every_field_and_what_its_change_does(kind: Kind) -> None:
    """Each top-level field of the spec is on the page, and each effect is about a field that exists."""
    page = rendered()[f"docs/reference/{kind.plural}.md"]
    fields = structural(kind.spec)["properties"]

    assert [name for name in fields if f"| `{name}" not in page] == []
    assert {path.split(".")[0].removesuffix("[]") for path in live_effects(kind)} <= set(fields)


@pytest.mark.parametrize(
    ("plural", "row", "effect"),
    [
        ("ottchannels", "encoderSettings[]", "restarts (about 30 s); `PUT encorder-settings`"),
        ("streamconnectflows", "name", "needs a new flow, see `recreatePolicy`"),
        ("streamconnectflows", "sources[].port", "interrupts the flow; `PUT sources`"),
        ("streamconnectflows", "outputs[].protocol", "interrupts this output; `DELETE outputs`; `POST outputs`"),
        ("streamconnectflows", "publishTo", "none: read by the operator"),
    ],
)
def test_the_reference_page_says_which_call_makes_a_change(plural: str, row: str, effect: str) -> None:
    """The last column of a field's row is the one of the tables that the planner reads."""
    spec = rendered()[f"docs/reference/{plural}.md"].split("## Rules")[0]

    [line] = [line for line in spec.splitlines() if line.startswith(f"| `{row}` ")]

    assert line.endswith(f"| {effect} |")
