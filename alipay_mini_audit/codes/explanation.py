"""`explain`: what a code means and what to do about it, in the language of the reader."""

from __future__ import annotations

from typing import Final

from alipay_mini_audit.codes.catalogue import look_up
from alipay_mini_audit.codes.language import language_of
from alipay_mini_audit.codes.meanings import meaning_of
from alipay_mini_audit.codes.own import OWN, own_texts
from alipay_mini_audit.codes.remedies import text_of
from alipay_mini_audit.errors import ErrorKind, Explanation

__all__ = ["Explanation", "explain"]

_UNKNOWN: Final = {
    "en": (
        "This version of the package does not know the code; the platform adds new ones.",
        "Read the message that came with it, or ask Alipay support with the trace id.",
    ),
    "zh": (
        "本库的这一版本不认识该错误码；平台会不断增加新的错误码。",
        "请查看随附的错误信息，或凭 trace id 联系支付宝客服。",
    ),
}


def explain(code: str, language: str | None = None) -> Explanation:
    """Say what a code of the platform means, or of a `Problem`, and what to do about it.

    Args:
        code: spelt as on the wire; case matters. Those of this package are in lower case.
        language: "zh" or "en"; `None` takes `ALIPAY_MINI_AUDIT_LANG`, then the locale.

    Returns:
        An explanation; of a code that is not known, one with `is_known=False`.

    Raises:
        ConfigurationError: another language was asked for.
        TypeError: an argument is no text.
    """
    if not isinstance(code, str):
        raise TypeError(f"code: expected a text, not {type(code).__name__}")
    spoken = language_of(language)
    row = look_up(code)
    if row is None and code in OWN:
        meaning, advice = own_texts(code, spoken)
        return Explanation(
            code=code, kind=ErrorKind.REQUEST, is_known=True, meaning=meaning, advice=advice
        )
    if row is None:
        meaning, advice = _UNKNOWN[spoken]
        return Explanation(
            code=code, kind=ErrorKind.UNKNOWN, is_known=False, meaning=meaning, advice=advice
        )
    return Explanation(
        code=code,
        kind=row.kind,
        is_known=True,
        meaning=meaning_of(code, spoken),
        advice=text_of(row.remedy, spoken),
        fields=row.fields,
        operations=row.operations,
        is_repeatable=row.kind is ErrorKind.THROTTLED,
        may_have_landed=row.may_have_landed or row.kind is ErrorKind.UNAVAILABLE,
    )
