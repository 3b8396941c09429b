"""What a reason in a journal means, and what to do about it, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.codes import explain
from alipay_mini_audit.codes.own import OWN

__all__ = ["STATES", "STATE_NAMES", "Reason", "reasons_of", "told_reason"]

_Texts = tuple[tuple[str, str], tuple[str, str]]
_RELEASE: Final = "`batch release` lets it go.", "用 `batch release` 放行。"
_WRITTEN: Final[Mapping[str, _Texts]] = {
    "lost on its way": (
        ("It never arrived at the platform.", "Run again."),
        ("未到达平台。", "请再次运行。"),
    ),
    "already done": (
        ("An earlier run has submitted it.", ""),
        ("之前的运行已经提交。", ""),
    ),
    "outcome unknown": (
        ("Whether the platform has it is not known.", "Run again: it is asked for first."),
        ("平台是否已受理，尚不清楚。", "请再次运行：会先向平台查询。"),
    ),
    "quota of the template used up": (
        ("The quota of its template was used up.", "Run again tomorrow."),
        ("该模板当天的配额已用完。", "请次日再次运行。"),
    ),
    "skipped": (
        ("An operator has skipped it.", _RELEASE[0]),
        ("已由运营人员跳过。", _RELEASE[1]),
    ),
    "on hold": (
        ("An operator has put it on hold.", _RELEASE[0]),
        ("已由运营人员暂停。", _RELEASE[1]),
    ),
    "mini-program on hold": (
        ("An operator has put its mini-program on hold.", _RELEASE[0]),
        ("所属小程序已由运营人员暂停。", _RELEASE[1]),
    ),
    "template on hold": (
        ("An operator has put its template on hold.", _RELEASE[0]),
        ("所属模板已由运营人员暂停。", _RELEASE[1]),
    ),
    "content changed": (
        (
            "Its content is not what was sent before.",
            'Look which one is meant: `changed="send"` sends the new one.',
        ),
        ("内容与之前发送的不同。", '请确认以哪个为准：`changed="send"` 会发送新内容。'),
    ),
    "the same entry was given before in this run": (
        ("The same entry was given twice.", "Leave one of them out."),
        ("同一条目出现了两次。", "请去掉其中一个。"),
    ),
    "another entry submits the same version of the same mini-program": (
        (
            "Another entry submits the same version of the same mini-program.",
            "Leave one of them out.",
        ),
        ("另有条目提交了同一小程序的同一版本。", "请去掉其中一个。"),
    ),
    "the key stands for another mini-program": (
        ("Its key stands for another mini-program.", "Give each mini-program keys of its own."),
        ("该键已用于另一个小程序。", "请为每个小程序使用各自的键。"),
    ),
    "a file is gone or has changed": (
        ("A file is gone, or changed while it was sent.", "Put it back, and run again."),
        ("有文件缺失，或在发送过程中被改动。", "请恢复文件后再次运行。"),
    ),
    "withdrawn from audit": (
        (
            "It is in development again: it was withdrawn from audit.",
            "Submit it as a new entry if it is to go.",
        ),
        ("已撤回审核，当前为开发状态。", "如仍需提审，请作为新条目提交。"),
    ),
    "submitted again, or taken offline": (
        (
            "It was submitted again by somebody else, or has been taken offline since.",
            "Look where it stands: `detail`.",
        ),
        ("此后又被他人提交，或已下架。", "请用 `detail` 查询当前状态。"),
    ),
    "throttled": (
        ("The platform took no more calls.", "Run again."),
        ("平台限流。", "请再次运行。"),
    ),
    "no connection": (
        ("There was no connection to the platform.", "Look at the network, and run again."),
        ("无法连接平台。", "请检查网络后再次运行。"),
    ),
    "no signature": (
        ("The request could not be signed.", "Look at the signer, and run again."),
        ("无法对请求签名。", "请检查签名服务后再次运行。"),
    ),
    "not sent": (
        ("It was not sent.", "Run again."),
        ("未发送。", "请再次运行。"),
    ),
}
"""What `settling` and `steps` write, where the platform has no code."""
_UNWRITTEN: Final[Mapping[EntryState, _Texts]] = {
    EntryState.PLANNED: (
        ("Its turn had not come.", "Run again."),
        ("尚未轮到。", "请再次运行。"),
    ),
    EntryState.SENDING: (
        ("It is on its way, or was when its run ended.", "Run again: it is asked for first."),
        ("正在发送，或运行结束时正在发送。", "请再次运行：会先向平台查询。"),
    ),
    EntryState.REJECTED: (
        ("The auditors rejected it and gave no reason.", "Look where it stands: `detail`."),
        ("审核驳回，未给出原因。", "请用 `detail` 查询当前状态。"),
    ),
}
_MEND: Final = (
    (
        "Mend it, take the rejected version back (`client.versions.cancel_audited`), and submit it "
        "as a new version: `batch export --state rejected` writes the lines."
    ),
    (
        "请修改，退回被驳回的版本（`client.versions.cancel_audited`），再作为新版本提交："
        "`batch export --state rejected` 可导出这些行。"
    ),
)
_LANGUAGES: Final = ("en", "zh")
STATES: Final = (
    *(EntryState.DONE, EntryState.PASSED, EntryState.ONLINE, EntryState.REJECTED),
    *(EntryState.REFUSED, EntryState.INVALID, EntryState.UNKNOWN),
    *(EntryState.SENDING, EntryState.PLANNED, EntryState.DEFERRED, EntryState.HELD),
    EntryState.SKIPPED,
)
"""All of them, those first of which a person wants to know first."""
STATE_NAMES: Final[Mapping[str, Mapping[EntryState, str]]] = {
    "en": {state: state.value for state in EntryState},
    "zh": {
        EntryState.PLANNED: "待提交",
        EntryState.SENDING: "提交中",
        EntryState.DONE: "已提交",
        EntryState.INVALID: "不合格",
        EntryState.REFUSED: "被拒绝",
        EntryState.UNKNOWN: "结果未知",
        EntryState.DEFERRED: "已顺延",
        EntryState.HELD: "已暂停",
        EntryState.SKIPPED: "已跳过",
        EntryState.PASSED: "审核通过",
        EntryState.REJECTED: "审核驳回",
        EntryState.ONLINE: "已上架",
    },
}
"""What a state is called, by language."""


@final
@attrs.frozen
class Reason:
    """Why entries are where they are.

    Attributes:
        code: as in the journal: the platform's, or ours; empty if the state says it all.
        meaning: a sentence, or the code itself if nobody knows what it means.
        advice: what to do; empty for nothing.
        is_code: `code` is one that `explain` takes, and no words of the journal.
    """

    code: str
    meaning: str
    advice: str = ""
    is_code: bool = False


def reasons_of(row: Row) -> tuple[str, ...]:
    """Return each reason for which an entry is not done, as the journal has it; none if it is.

    The reasons of one that was rejected are the auditors' remarks.
    """
    if row.state is EntryState.REJECTED and row.verdict is not None:
        return row.verdict.reasons or ("",)
    if row.state.is_submitted:
        return (row.reason,) if row.verdict is not None and row.reason else ()
    return tuple(row.reason.split(", ")) if row.state is EntryState.INVALID else (row.reason,)


def told_reason(code: str, state: EntryState, language: str) -> Reason:
    """Return what a reason means.

    Args:
        code: one of `reasons_of`.
        state: of the entry.
        language: "zh" or "en".
    """
    which = _LANGUAGES.index(language)
    if code and state is EntryState.REJECTED:
        return Reason(code, code, _MEND[which])
    known = _WRITTEN.get(code) if code else _UNWRITTEN.get(state)
    if known is not None:
        return Reason(code, *known[which])
    word, _, place = code.partition(": ")  # a rule of the user's failed somewhere
    if word in OWN:
        meaning, advice = OWN[word][which]
        sentence = f"{meaning[:1].upper()}{meaning[1:]}{place and f' ({place})'}"
        return Reason(code, sentence, advice, is_code=True)
    if not code:
        return Reason(code, STATE_NAMES[language][state])
    found = explain(code, language)
    return Reason(code, found.meaning if found.is_known else code, found.advice, is_code=True)
