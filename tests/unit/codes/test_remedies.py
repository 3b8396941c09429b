"""The texts of the remedies: complete, short, and read by people only."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from support.reply_reader import read_reply

from alipay_mini_audit.codes import CATALOGUE, remedies
from alipay_mini_audit.codes.remedies import TEXTS
from alipay_mini_audit.codes.remedies.en import ENGLISH as OF_AUDITS
from alipay_mini_audit.codes.remedies.releases import RELEASES
from alipay_mini_audit.errors import ApiError
from alipay_mini_audit.protocol import RawReply
from alipay_mini_audit.retry import RetryPolicy

ENGLISH = TEXTS["en"]
POLICY = RetryPolicy(attempts=3, initial_delay=2.0)


def test_every_remedy_of_the_catalogue_has_a_text_and_every_text_is_used() -> None:
    assert {row.remedy for row in CATALOGUE.values()} == set(ENGLISH)


def test_no_remedy_stands_in_two_tables_and_each_has_both_languages() -> None:
    assert not set(OF_AUDITS) & set(RELEASES)
    assert set(TEXTS["zh"]) == set(TEXTS["en"])


def test_a_remedy_is_a_short_identifier() -> None:
    assert [name for name in ENGLISH if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", name)] == []
    assert [name for name in ENGLISH if len(name) > 32] == []


def test_no_text_stands_twice() -> None:
    assert [text for text, times in Counter(ENGLISH.values()).items() if times > 1] == []


@pytest.mark.parametrize("remedy", sorted(ENGLISH))
def test_a_text_is_one_sentence_or_two_on_one_line(remedy: str) -> None:
    text = ENGLISH[remedy]
    sentences = re.split(r"(?<=\.) ", text)
    assert 1 <= len(sentences) <= 2
    for sentence in sentences:
        assert re.fullmatch(r"[A-Z][^\n]{10,}[^.\s]\.", sentence), sentence
    assert "  " not in text


@pytest.mark.parametrize(("remedy", "language"), [("no_such_remedy", "en"), ("set_clock", "xx")])
def test_an_unknown_remedy_or_language_is_a_mistake_of_ours(remedy: str, language: str) -> None:
    with pytest.raises(KeyError):
        remedies.text_of(remedy, language)


def test_the_advice_of_an_error_is_the_text_of_its_remedy() -> None:
    assert error_of("set_no_such_code", 400).advice == ""
    assert error_of("invalid-timestamp", 400).advice == ENGLISH["set_clock"]
    assert remedies.text_of("set_clock") == ENGLISH["set_clock"]


class NeverAsked:
    """The verifier of replies that are not signed."""

    def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None) -> None:
        raise AssertionError((message, signature, alipay_cert_sn))


def error_of(code: str, status: int) -> ApiError:
    body = json.dumps({"code": code, "message": "消息"}).encode()
    with pytest.raises(ApiError) as caught:
        read_reply(RawReply(status, {}, body), NeverAsked())
    return caught.value


def decided_by(code: str) -> list[object]:
    """Everything that the package decides by this code."""
    decided: list[object] = []
    for status in (400, 429, 500):
        error = error_of(code, status)
        decided += [type(error), error.code, error.kind, error.outcome]
        decided += [
            POLICY.decide(error, attempt, 0.0, repeatable=repeatable)
            for attempt in (1, 2)
            for repeatable in (False, True)
        ]
    return decided


def test_no_decision_is_made_by_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {code: decided_by(code) for code in CATALOGUE}
    monkeypatch.setitem(remedies.TEXTS, "en", dict.fromkeys(ENGLISH, "x"))
    assert {error_of(code, 400).advice for code in CATALOGUE} == {"x"}
    assert {code: decided_by(code) for code in CATALOGUE} == before
