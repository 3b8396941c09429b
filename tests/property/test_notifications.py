"""Whatever comes as a notification is the platform's, or is rejected."""

import asyncio
import itertools
import json
from urllib.parse import parse_qsl, urlencode

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.certificates import VECTORS
from support.notifications import (
    APP_ID,
    CIPHER,
    EXPECTED,
    FORMS,
    HEADERS,
    PASSED,
    VERIFIER,
    certificate_verifier,
    passed,
    signature_of,
    signed,
)

from alipay_mini_audit.crypto import RSASigner
from alipay_mini_audit.errors import NotificationRejected
from alipay_mini_audit.models import AuditRecord, Memo
from alipay_mini_audit.notifications import (
    AnyNotification,
    AuditRejected,
    Notification,
    OtherNotification,
    sign_notification,
)

SIGNER = RSASigner(VECTORS / "keys" / "alipay.pkcs8.pem")
VERIFIERS = dict.fromkeys(EXPECTED, VERIFIER) | {"next_certificate": certificate_verifier()}
OTHERS = b"&=%+A0 "
"""Bytes that mean something in a form, or nothing at all."""
NAMES = [
    *("app_id", "biz_content", "charset", "encrypt_type", "msg_method", "notify_id", "sign"),
    *("notify_time", "notify_type", "service", "sign_type", "utc_timestamp", "version", "later"),
]
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
UNITS = st.sampled_from(
    [b"sign", b"sign_type=RSA2", b"&", b"=", b"%", b"%00", b"%ff", b"+", b"charset=", b"GBK", b"{"]
)
BODIES = st.binary(max_size=400) | st.lists(UNITS | st.binary(max_size=3)).map(b"".join)
HEADER_FIELDS = st.dictionaries(st.sampled_from(["Content-Type", "content-type", "Host"]), TEXTS)


def read(body: bytes, name: str = "passed_v1") -> AnyNotification:
    return Notification.from_http(body, HEADERS, verifier=VERIFIERS[name], cipher=CIPHER)


def decoded(body: bytes) -> list[tuple[str, str]]:
    """Decode a form by another library."""
    return sorted(parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1"))


@pytest.mark.parametrize("name", EXPECTED)
def test_one_byte_changed_anywhere_is_noticed(name: str) -> None:
    form, message = FORMS[name], read(FORMS[name], name)
    fields = decoded(form)
    unharmed = 0
    for place, byte in enumerate(form):
        for other in {byte ^ 1, byte ^ 0x20, OTHERS[place % len(OTHERS)]} - {byte}:
            changed = form[:place] + bytes([other]) + form[place + 1 :]
            try:
                found = read(changed, name)
            except NotificationRejected:
                continue
            assert decoded(changed) == fields, (place, other)  # `%2b` is `%2B`
            assert found == message
            unharmed += 1
    assert unharmed < len(form) / 2


@pytest.mark.parametrize("name", EXPECTED)
def test_one_byte_less_or_more_anywhere_is_noticed(name: str) -> None:
    form, message = FORMS[name], read(FORMS[name], name)
    fields = decoded(form)
    for place in range(len(form) + 1):
        more = form[:place] + OTHERS[place % 7 : place % 7 + 1] + form[place:]
        for changed in (form[:place] + form[place + 1 :], more):
            try:
                found = read(changed, name)
            except NotificationRejected:
                continue
            assert decoded(changed) == fields, place  # `&&` is `&`
            assert found == message


@given(BODIES, HEADER_FIELDS)
def test_any_bytes_are_rejected_and_nothing_else_happens(
    body: bytes, headers: dict[str, str]
) -> None:
    with pytest.raises(NotificationRejected):
        Notification.from_http(body, headers, verifier=VERIFIER, cipher=CIPHER)


@given(st.dictionaries(st.sampled_from(NAMES) | TEXTS, TEXTS))
def test_any_form_that_is_not_signed_is_rejected(fields: dict[str, str]) -> None:
    with pytest.raises(NotificationRejected):
        read(urlencode({"sign_type": "RSA2", "sign": "AAAA", **fields}).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
METHODS = st.sampled_from(
    [
        "alipay.open.mini.version.audit.passed",
        "alipay.open.mini.version.audit.rejected",
        "alipay.open.auth.appauth.cancelled",
        "open_app_auth_notify",
        "alipay.service.check",
        "later",
    ]
)


@given(
    st.dictionaries(st.sampled_from([name for name in NAMES if "sign" not in name]), TEXTS),
    METHODS,
    TEXTS | st.sampled_from(["UTF-8", "GBK", "gb18030"]),
)
def test_whatever_the_platform_signs_is_read_or_rejected(
    fields: dict[str, str], method: str, charset: str
) -> None:
    try:
        read(signed({**PASSED, **fields, "msg_method": method, "charset": charset}))
    except NotificationRejected:
        return


@given(st.dictionaries(TEXTS, JSON, max_size=5), METHODS)
def test_whatever_the_content_is_it_is_kept_or_rejected(
    content: dict[str, object], method: str
) -> None:
    text = json.dumps(content)
    try:
        message = read(passed(msg_method=method, biz_content=text))
    except NotificationRejected:
        assert any(name in text for name in ("charset", "&"))  # a field may have been swallowed
        return
    if isinstance(message, OtherNotification):
        assert message.fields["biz_content"] == text


RECORDS = st.builds(
    AuditRecord,
    audit_images=st.lists(TEXTS, max_size=2),
    memos=st.lists(
        st.builds(Memo, memo=TEXTS, memo_image_list=st.lists(TEXTS, max_size=2)), max_size=2
    ),
)


@given(
    st.builds(
        AuditRejected,
        notify_id=st.from_regex(r"[0-9a-f]{1,50}", fullmatch=True),
        app_id=st.just(APP_ID),
        mini_app_id=TEXTS,
        app_version=TEXTS,
        bundle_id=TEXTS,
        audit_reason=TEXTS,
        base_audit=st.sampled_from(["PASS", "REJECT"]),
        base_audit_reason=RECORDS,
        promote_audit_reason=RECORDS,
    ),
    st.sampled_from(["UTF-8", "GBK"]),
    st.sampled_from([None, CIPHER]),
    st.booleans(),
)
def test_what_is_sent_is_read(
    message: AuditRejected, charset: str, cipher: object, signs_sign_type: object
) -> None:
    body = asyncio.run(
        sign_notification(
            message,
            signer=SIGNER,
            cipher=cipher,  # type: ignore[arg-type]
            charset=charset,
            signs_sign_type=bool(signs_sign_type),
        )
    )
    assert read(body) == message


@pytest.mark.parametrize("rule", ["without sign_type", "with sign_type"])
@pytest.mark.parametrize("name", [name for name in EXPECTED if name != "gateway_check"])
def test_the_text_that_is_signed_has_one_meaning(name: str, rule: str) -> None:
    """It escapes nothing, so the same text is that of other forms, whose fields swallow others."""
    form = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in decoded(FORMS[name])]
    around = [(b"sign_type", b"RSA2")]
    fields = [(key, value) for key, value in form if key != b"sign" and (key, value) not in around]
    text = b"&".join(
        key + b"=" + value for key, value in sorted(fields + around * (rule == "with sign_type"))
    )
    signature = (b"sign", signature_of(text).encode())
    message = read(urlencode([*fields, *around, signature]).encode())
    pieces = text.split(b"&")
    for cuts in itertools.product([True, False], repeat=len(pieces) - 1):
        other = [pieces[0]]
        for is_cut, piece in zip(cuts, pieces[1:], strict=True):
            other += [piece] if is_cut else [other.pop() + b"&" + piece]
        pairs = [tuple(each.split(b"=", 1)) for each in other if b"=" in each]
        extra = [each for each in around if each not in pairs]
        try:
            found = read(urlencode([*pairs, *extra, signature]).encode())
        except NotificationRejected:
            continue
        # Fields that nobody knows may have swallowed each other, and nothing else.
        assert attrs.evolve(found, extra={}) == attrs.evolve(message, extra={})
        assert found == message or name.startswith("empty_and_extra")
