"""What is taken out of text before anybody sees it."""

import json

from hypothesis import assume, given
from hypothesis import strategies as st

from medialive_operator.cloud.redacting import redact

secrets = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=4, max_size=30
)


@given(secrets, st.text(max_size=30), st.text(max_size=30))
def test_no_secret_is_left_in_any_spelling(secret: str, before: str, after: str) -> None:
    """Neither the secret itself nor its JSON spelling is left, wherever it stands."""
    assume(secret not in "(secret)")
    text = f"{before}{secret}{after} {json.dumps(secret)}"

    assert secret not in redact(text, (secret,)).replace("(secret)", "")


def test_cutting_never_leaves_half_a_secret() -> None:
    """The text is redacted before it is cut."""
    text = redact("x" * 290 + "planted-secret", ("planted-secret",))

    assert "plan" not in text
    assert len(text) <= 300


def test_very_short_secret_is_hidden_where_it_stands_alone() -> None:
    """A secret of one letter does not blot out the words that contain it."""
    assert redact("a bad value: a", ("a",)) == "(secret) bad value: (secret)"


def test_parameters_that_sound_secret_are_hidden() -> None:
    """Unknown values are hidden behind names that give them away."""
    text = redact("srt://h?passphrase=one&mode=caller, X-Auth-Token: two, Signature=three", ())

    assert text == "srt://h?passphrase=(secret)&mode=caller, X-Auth-Token: (secret), Signature=(secret)"
