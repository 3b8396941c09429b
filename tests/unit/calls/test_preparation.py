"""From an order to a call: all that can be said before anything is signed."""

from pathlib import Path

import pytest

from alipay_mini_audit.calls.call import CallOptions, CallSpec
from alipay_mini_audit.calls.preparation import CallPreparation
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files import BufferPool, UploadResources
from alipay_mini_audit.protocol import APPLY, CANCEL, DETAIL
from alipay_mini_audit.retry import RetryPolicy

OPTIONS = CallOptions(Timeouts(), RetryPolicy())
PNG = b"\x89PNG\r\n\x1a\n" + bytes(92)


@pytest.fixture
def preparation() -> CallPreparation:
    return CallPreparation(UploadResources(buffers=BufferPool(1024)))


async def test_a_submission_knows_its_files_and_its_size(
    preparation: CallPreparation, tmp_path: Path
) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    spec = CallSpec(
        operation=APPLY,
        about={"app_version": "0.0.1"},
        fields={"app_version": "0.0.1", "memo": "咖"},
        attachments={"app_logo": tmp_path / "logo.png", "first_screen_shot": PNG},
    )
    call = await preparation.prepare(spec, OPTIONS)
    assert call.body == '{"app_version":"0.0.1","memo":"咖"}'
    assert call.target == "/v3/alipay/open/mini/version/audit/apply"
    assert [(file.name, file.size) for file in call.files] == [
        ("app_logo", 100),
        ("first_screen_shot", 100),
    ]
    assert call.size == 200 + 36
    assert (call.about, call.options) == ({"app_version": "0.0.1"}, OPTIONS)


async def test_a_question_has_its_query_and_no_body(preparation: CallPreparation) -> None:
    call = await preparation.prepare(
        CallSpec(operation=DETAIL, query={"app_version": "1"}), OPTIONS
    )
    assert call.target == "/v3/alipay/open/mini/version/detail/query?app_version=1"
    assert (call.body, call.files, call.size) == ("", (), 0)


async def test_an_empty_object_is_a_body(preparation: CallPreparation) -> None:
    call = await preparation.prepare(CallSpec(operation=CANCEL, fields={}), OPTIONS)
    assert call.body == "{}"


async def test_every_text_that_the_wire_cannot_carry_is_told(preparation: CallPreparation) -> None:
    spec = CallSpec(
        operation=CANCEL,
        about={"app_version": "1\n", "bundle_id": 7},  # type: ignore[dict-item]
        fields={},
    )
    with pytest.raises(ValidationError) as caught:
        await preparation.prepare(spec, OPTIONS)
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("app_version", "bad_character"),
        ("bundle_id", "wrong_type"),
    ]


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (CallSpec(operation=CANCEL, fields={"x": float("nan")}), "not_json"),
        (CallSpec(operation=APPLY, attachments={"no_such_part": PNG}), "unknown_part"),
        (
            CallSpec(operation=APPLY, attachments={"app_logo": "there is none.png"}),
            "file_not_found",
        ),
    ],
)
async def test_what_cannot_be_sent_is_told(
    preparation: CallPreparation, spec: CallSpec, code: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        await preparation.prepare(spec, OPTIONS)
    assert [problem.code for problem in caught.value.problems] == [code]
