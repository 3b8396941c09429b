"""The platform's rules on real sockets: fields, files, versions, quotas, chunks."""

import itertools
import json
from collections.abc import AsyncIterator

import pytest
from support.raw_client import APPLY, CANCEL, MULTIPART, Answer, RawClient, multipart
from support.sandbox_files import PRINT, archive, jpeg, png

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway
from alipay_mini_audit.sandbox.samples import archive as sample_archive
from alipay_mini_audit.sandbox.samples import png as sample_png

DESCRIPTION = "修复退款金额的显示 订单可以按门店查看。"
CHUNKED = {"Transfer-Encoding": "chunked"}
BASICS = {
    "app_name": "咖啡馆",
    "app_english_name": "cafe",
    "app_slogan": "每天一杯好咖啡",
    "app_desc": "点单、外卖、会员积分都在这里",
    "mini_category_ids": "XS1_XS2",
    "service_phone": "0571-88888888",
    "region_type": "CHINA",
}
NOW = 1_704_038_400.0
DAY = 24 * 3600.0


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def gateway(material: Material, clock: Clock) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material, clock=clock) as gateway:
        yield gateway


@pytest.fixture
def raw(gateway: SandboxGateway, clock: Clock) -> RawClient:
    return RawClient(gateway, clock=clock)


def fields(version: str = "1.0.0", **others: object) -> dict[str, object]:
    return {"app_version": version, "version_desc": DESCRIPTION} | others


async def test_a_whole_submission_is_accepted(raw: RawClient, gateway: SandboxGateway) -> None:
    files = [
        ("app_logo", "logo.png", sample_png(100_000, seed=1, square=True)),
        ("first_screen_shot", "1.png", sample_png(300_000, seed=2)),
        ("second_screen_shot", "2.jpg", jpeg(1080, 1920, profile=180_000)),
        ("first_license_pic", "licence.JPEG", jpeg(3840, 2160, orientation=6)),
        ("test_file_name", "report.zip", sample_archive(500_000, 3)),
    ]
    answer = await raw.ask(raw.apply(data=fields(**BASICS), files=files))
    assert answer.status == 200
    assert len(gateway.submissions[0].parts) == 5


@pytest.mark.parametrize(
    ("wrong", "files", "code"),
    [
        ({"version_desc": "first"}, [], "INVALID_VERSION_DESC_LENGTH"),
        ({"app_name": "咖啡 馆"}, [("app_logo", "1.png", b"x")], "INVALID_MINI_APP_NAME"),
        ({"license_valid_date": "2023-12-31"}, [], "LICENSE_VALID_DATE_IS_INVALID"),
        ({"region_type": "LOCATION"}, [], "REGION_CODE_IS_BLANK"),
        ({}, [("app_logo", "1.png", b"x")], "INVALID_LOGO_EXT"),
        ({}, [("app_logo", "1.png", png(2, 3))], "LOGO_HEIGHT_NOT_EQUAL_WIDTH"),
        ({}, [("app_logo", "1.jpg", jpeg(3, 3, channels=PRINT))], "INVALID_LOGO"),
        ({}, [("first_screen_shot", "1.png", png(2, 3))], "SCREEN_SHOT_NUM_IS_INVALID"),
        ({}, [("out_door_pic", "1.png", png(2161, 3))], "INVALID_PARAMETER"),
        ({}, [("test_file_name", "1.zip", archive(is_locked=True))], "INVALID_PARAMETER"),
        ({}, [("test_file_name", "1.zip", archive()[:-9])], "INVALID_FILE_EXT"),
    ],
)
async def test_what_is_surely_wrong_is_refused(
    raw: RawClient,
    gateway: SandboxGateway,
    wrong: dict[str, object],
    files: list[tuple[str, str, bytes]],
    code: str,
) -> None:
    request = raw.apply(data=fields(**wrong), files=files)
    assert (await raw.ask(request)).refusal == (400, code)
    assert [arrival.code for arrival in gateway.arrivals] == [code]
    assert gateway.submissions == ()
    assert gateway.status("1.0.0") == "INIT"


async def test_the_signature_and_the_types_come_before_the_rules(raw: RawClient) -> None:
    request = raw.apply(data=json.dumps(fields(memo="x")), sent=json.dumps(fields(memo="x" * 501)))
    assert (await raw.ask(request)).refusal == (400, "invalid-signature")
    request = raw.apply(data=fields(memo=7, app_name="?"))
    assert (await raw.ask(request)).refusal == (400, "INVALID_PARAMETER")


async def test_one_version_at_a_time(raw: RawClient, gateway: SandboxGateway) -> None:
    assert (await raw.ask(raw.apply(data=fields("1.0.0")))).status == 200
    assert (await raw.ask(raw.apply(data=fields("1.0.0")))).refusal == (400, "SUBMIT_REPEAT")
    following = raw.apply(data=fields("1.0.1"), nonce="1")
    assert (await raw.ask(following)).refusal == (400, "CAN_NOT_SUBMIT_WITH_AUDIT")
    assert (await raw.ask(raw.apply(data=fields("1.0.1"), token="merchant"))).status == 200
    gateway.decide("1.0.0", "WAIT_RELEASE")
    following = raw.apply(data=fields("1.0.1"))
    assert (await raw.ask(following)).refusal == (400, "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY")
    gateway.decide("1.0.0", "RELEASE")
    assert (await raw.ask(raw.apply(data=fields("1.0.1")))).status == 200
    assert (await raw.ask(raw.cancel("{}"))).status == 200
    assert (await raw.ask(raw.apply(data=fields("1.0.2")))).status == 200


async def test_the_first_submission_brings_the_basic_information(
    material: Material, clock: Clock
) -> None:
    async with SandboxGateway(material=material, clock=clock, basic_info=False) as gateway:
        raw = RawClient(gateway, clock=clock)
        assert (await raw.ask(raw.apply(data=fields()))).refusal == (400, "APP_NAME_IS_BLANK")
        logo = [("app_logo", "1.png", png(180, 180))]
        whole = {"data": fields(**BASICS)}
        assert (await raw.ask(raw.apply(**whole))).refusal == (400, "LOGO_IS_BLANK")
        assert (await raw.ask(raw.apply(files=logo, **whole))).status == 200
        assert (await raw.ask(raw.cancel("{}"))).status == 200
        assert (await raw.ask(raw.apply(data=fields()))).status == 200
        merchants = raw.apply(data=fields(), token="merchant")
        assert (await raw.ask(merchants)).refusal == (400, "APP_NAME_IS_BLANK")


async def test_a_template_is_submitted_five_times_a_day(material: Material, clock: Clock) -> None:
    templates = {f"token-{number}": "t1" for number in range(6)}
    async with SandboxGateway(material=material, clock=clock, templates=templates) as gateway:
        raw = RawClient(gateway, clock=clock)
        asked = [raw.apply(data=fields(), token=token) for token in templates]
        answers = [await raw.ask(request) for request in asked]
        assert [answer.status for answer in answers] == [200] * 5 + [400]
        assert answers[-1].refusal == (400, "SYSTEM_LIMIT")
        assert (await raw.ask(raw.apply(data=fields()))).status == 200
        clock.now += DAY
        assert (await raw.ask(raw.apply(data=fields(), token="token-5"))).status == 200


async def test_calls_have_a_rate(material: Material, clock: Clock) -> None:
    async with SandboxGateway(material=material, clock=clock, rate=2) as gateway:
        raw = RawClient(gateway, clock=clock)
        for _ in range(2):
            assert (await raw.ask(raw.detail())).status == 200
        assert (await raw.ask(raw.apply(data=fields(), size=100_000))).refusal == (
            429,
            "app-call-limited",
        )
        clock.now += 1
        assert (await raw.ask(raw.apply(data=fields()))).status == 200


def test_a_rate_of_nothing_is_refused(material: Material) -> None:
    with pytest.raises(ConfigurationError) as caught:
        SandboxGateway(material=material, rate=0)
    assert caught.value.setting == "rate"


def in_chunks(body: bytes, count: int) -> bytes:
    """Write a body in so many chunks, and the empty one that ends it."""
    size = len(body) // count
    cuts = [*(size * number for number in range(count)), len(body)]
    pieces = [body[start:end] for start, end in itertools.pairwise(cuts)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])


async def send_in_chunks(raw: RawClient, count: int) -> Answer:
    text = json.dumps(fields())
    picture = sample_png(200_000, seed=1, square=True)
    body = multipart([("data", None, text.encode()), ("app_logo", "1.png", picture)])
    headers = CHUNKED | {"Content-Type": MULTIPART}
    return await raw.ask(raw.request("POST", APPLY, text, in_chunks(body, count), headers))


async def test_a_body_in_too_many_chunks_is_a_front_ends_page(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    for count in (101, 5000):
        answer = await send_in_chunks(raw, count)
        assert (answer.status, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")
        assert b"<h1>413" in answer.body
    assert gateway.arrivals == ()
    assert (await send_in_chunks(raw, 100)).status == 200
    assert gateway.submissions[0].chunked
    assert gateway.submissions[0].parts[0].size == len(sample_png(200_000, seed=1, square=True))


async def test_the_front_end_comes_before_the_judge(raw: RawClient) -> None:
    body = b'{"app_version":"1.0.0"}' + b" " * 1000
    for content_type, authorization in (("application/json", "none"), ("text/plain", None)):
        headers = CHUNKED | {"Content-Type": content_type}
        headers |= {} if authorization is None else {"Authorization": authorization}
        request = raw.request("POST", CANCEL, body.decode(), in_chunks(body, 101), headers)
        assert (await raw.ask(request)).status == 413
    headers = CHUNKED | {"Content-Type": "application/json"}
    request = raw.request("POST", CANCEL, body.decode(), in_chunks(body, 100), headers)
    assert (await raw.ask(request)).refusal == (400, "AUDITING_VERSION_NOT_EXIST")


async def test_without_rules_toys_and_many_chunks_and_versions_are_taken(
    material: Material, clock: Clock
) -> None:
    async with SandboxGateway(material=material, clock=clock, strict=False) as gateway:
        raw = RawClient(gateway, clock=clock)
        assert (await send_in_chunks(raw, 5000)).status == 200
        assert (await raw.ask(raw.apply("2", size=10))).status == 200
        assert (await raw.ask(raw.apply("2"))).refusal == (400, "SUBMIT_REPEAT")


async def test_any_code_can_be_answered(raw: RawClient, gateway: SandboxGateway) -> None:
    gateway.faults.add(Fault.answer("MINI_APP_NAME_DUPLICATE"))
    gateway.faults.add(Fault.answer("A_CODE_OF_TOMORROW", 503))
    request = raw.apply(data=fields())
    assert (await raw.ask(request)).refusal == (400, "MINI_APP_NAME_DUPLICATE")
    assert (await raw.ask(request)).refusal == (503, "A_CODE_OF_TOMORROW")
    assert (await raw.ask(request)).status == 200
