"""`explain`: what a code of the platform or of this package means, and what to do about it."""

from __future__ import annotations

import difflib
from typing import Annotated, Final

import attrs
import typer

from alipay_mini_audit.cli.console import print_json, printable
from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import AsJson, Lang
from alipay_mini_audit.codes import CATALOGUE
from alipay_mini_audit.codes import explain as explain_code
from alipay_mini_audit.codes.own import OWN
from alipay_mini_audit.errors import ErrorKind, Explanation

__all__ = ["explain"]

_LABELS: Final = {
    "en": {
        "meaning": "meaning",
        "advice": "what to do",
        "kind": "kind",
        "fields": "fields",
        "operations": "answered by",
        "may_have_landed": "may have taken effect all the same",
        "is_repeatable": "may be sent again as it is",
        "similar": "similar codes",
    },
    "zh": {
        "meaning": "含义",
        "advice": "处理方法",
        "kind": "类别",
        "fields": "相关字段",
        "operations": "来源接口",
        "may_have_landed": "是否可能已经生效",
        "is_repeatable": "可否原样重发",
        "similar": "相近的错误码",
    },
}
_KINDS: Final = {
    "en": {
        ErrorKind.AUTHENTICATION: "signature, key, certificate, clock or encryption",
        ErrorKind.PERMISSION: "permission: a person must act",
        ErrorKind.THROTTLED: "throttled: repeat later",
        ErrorKind.UNAVAILABLE: "a fault of the platform: the outcome is unknown",
        ErrorKind.REQUEST: "the request has to be changed",
        ErrorKind.STATE: "the version or the app is in another state than the call needs",
        ErrorKind.UNKNOWN: "unknown",
    },
    "zh": {
        ErrorKind.AUTHENTICATION: "签名、密钥、证书、时钟或加密",
        ErrorKind.PERMISSION: "权限，需要人工处理",
        ErrorKind.THROTTLED: "限流，请稍后重试",
        ErrorKind.UNAVAILABLE: "平台异常，结果未知",
        ErrorKind.REQUEST: "请求需要修改",
        ErrorKind.STATE: "版本或应用的状态不符",
        ErrorKind.UNKNOWN: "未知",
    },
}
_YES_AND_NO: Final = {"en": ("yes", "no"), "zh": ("是", "否")}


@documented(
    "说明一个错误码（平台的，或本库自身检查的）是什么含义，以及如何处理。\n\n"
    "错误码未知时，退出状态为 1。"
)
def explain(
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE",
            help=said(
                "As the platform spells it; those of this package are in lower case.",
                "错误码，写法与平台一致；本库自身的为小写。",
            ),
        ),
    ],
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Say what a code of the platform or of this package means, and what to do about it.

    The exit status is 1 for a code that is not known.
    """
    with failures_in_one_line():
        spoken = chosen(lang)
        found = explain_code(code.strip(), spoken)
    similar = [] if found.is_known else _similar(found.code)
    if as_json:
        facts = attrs.asdict(found) | {"operations": sorted(found.operations)}
        print_json(facts | {"similar": similar})
    else:
        _print(found, spoken, similar)
    if not found.is_known:
        raise typer.Exit(1)


def _similar(code: str) -> list[str]:
    by_word = {known.upper().replace("-", "_"): known for known in (*CATALOGUE, *OWN)}
    near = difflib.get_close_matches(code.upper().replace("-", "_"), by_word, n=3)
    return [by_word[word] for word in near]


def _print(found: Explanation, language: str, similar: list[str]) -> None:
    labels = _LABELS[language]
    colon, comma = (": ", ", ") if language == "en" else ("：", "、")
    yes, no = _YES_AND_NO[language]
    facts = {
        "kind": _KINDS[language][found.kind],
        "meaning": found.meaning,
        "advice": found.advice,
        "fields": comma.join(found.fields),
        "operations": comma.join(sorted(found.operations)),
        "similar": comma.join(similar),
    }
    if found.is_known:
        facts["may_have_landed"] = yes if found.may_have_landed else no
        facts["is_repeatable"] = yes if found.is_repeatable else no
    typer.echo(printable(found.code))
    for name, text in facts.items():
        if text:
            typer.echo(f"  {labels[name]}{colon}{text}")
