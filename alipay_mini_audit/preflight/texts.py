"""`told`: a problem in each language. Program logic never reads its texts. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping

from alipay_mini_audit.problems import Problem, Severity

__all__ = ["told"]


def told(
    path: str,
    code: str,
    english: tuple[str, str],
    chinese: tuple[str, str],
    severity: Severity = Severity.ERROR,
    values: Mapping[str, object] | None = None,
) -> Problem:
    """Return a problem in both languages.

    Args:
        path: where it is.
        code: the platform's, or ours in lower case.
        english: message and advice.
        chinese: message and advice.
        severity: how bad it is.
        values: what is filled into the texts, by its name there; `None` for nothing.
    """
    filled = {} if values is None else values
    message, advice = (text.format_map(filled) for text in english)
    translated = (chinese[0].format_map(filled), chinese[1].format_map(filled))
    return Problem(path, code, message, advice, severity, translations={"zh": translated})
