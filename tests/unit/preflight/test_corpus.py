"""Every rule has an example that it refuses and one that it takes."""

import asyncio

import pytest
from support.corpus import CASES, Case

from alipay_mini_audit import Attachments, AuditApply, BytesSource, Preflight, check


def found(case: Case) -> list[tuple[str, str, str]]:
    files = {name: BytesSource(content, named) for name, (named, content) in case.files().items()}
    work = check(
        AuditApply.from_wire(case.wire),
        Attachments.from_parts(files),
        Preflight(first_submission=case.is_first),
        language="en",
    )
    return [(each.path, each.code, each.severity.value) for each in asyncio.run(work)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_example_is_judged_as_its_author_says(case: Case) -> None:
    expected = [(case.path, case.code, case.severity)] if case.code else []
    assert [each for each in found(case) if each[1] not in case.besides] == expected
