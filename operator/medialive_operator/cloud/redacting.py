"""Takes secrets out of text that came from outside, before it gets into an error.

Called where errors are made. It errs on the side of hiding.
"""

import json
import re
from collections.abc import Iterable

REDACTED = "(secret)"
_LONGEST = 300
_PARAMETERS = re.compile(
    r"(?i)\b([\w-]*(?:passphrase|password|token|secret|signature|authorization)[\w-]*\"?\s*[=:]\s*\"?)[^\s&\",;]+"
)
_SHORT = 4


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text on one line, without the secrets and without what looks like one, at most 300 characters long."""
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = _without(text, form)
    text = _PARAMETERS.sub(rf"\1{REDACTED}", text)
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _forms(secret: str) -> set[str]:
    """The secret as it is, and as JSON would spell it."""
    return {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]} - {""}


def _without(text: str, secret: str) -> str:
    if len(secret) >= _SHORT:
        return text.replace(secret, REDACTED)
    # A very short one would blot out half of the text: only where it stands alone.
    return re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", REDACTED, text)
