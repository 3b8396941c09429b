"""What codes mean: nothing is made up."""

from alipay_mini_audit.codes.meanings import meaning_of


def test_a_meaning_is_in_the_language_that_is_asked_for() -> None:
    assert meaning_of("app-call-limited", "en") == "The app calls too often."
    assert meaning_of("app-call-limited", "zh") == "应用的调用频率超限。"


def test_of_what_nobody_documents_nothing_is_said() -> None:
    assert meaning_of("SUBMIT_REPEAT", "en") == "Alipay documents nothing about this code."
    assert meaning_of("SUBMIT_REPEAT", "zh") == "平台未公开说明该错误码的含义。"
