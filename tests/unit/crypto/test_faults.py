"""Every fault of a certificate has its words and its advice."""

import datetime
import string

import pytest

from alipay_mini_audit.crypto.faults import (
    UNCHECKED_ADVICE,
    CertificateFault,
    certificate_problem,
    moment,
)
from alipay_mini_audit.errors import Severity

FACTS = dict.fromkeys(
    ("start", "end", "days", "subject", "issuer", "extension", "key", "chinese_key"), "<fact>"
)


@pytest.mark.parametrize("fault", CertificateFault)
def test_a_fault_becomes_a_problem(fault: CertificateFault) -> None:
    problem = certificate_problem(fault, "alipay_certificate", **FACTS)
    assert (problem.path, problem.code) == ("alipay_certificate", fault)
    assert problem.message.endswith((".", "<fact>"))
    assert "{" not in problem.message
    is_warning = fault is CertificateFault.EXPIRES_SOON
    assert (problem.severity is Severity.WARNING) is is_warning
    assert problem.advice.endswith(UNCHECKED_ADVICE) is not is_warning


def test_a_code_is_a_word_for_programs() -> None:
    allowed = set(string.ascii_lowercase + "_")
    assert all(set(fault) <= allowed for fault in CertificateFault)


def test_a_moment_is_told_in_minutes() -> None:
    time = datetime.datetime(2026, 7, 1, 12, 30, 59, tzinfo=datetime.UTC)
    assert moment(time) == "2026-07-01 12:30"
