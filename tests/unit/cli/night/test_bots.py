"""What bots are sent and what they answer, against their documentation.

The signatures were computed with openssl, K being the key in hex and T the text:
`printf "$T" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$K -binary | base64`.
For DingTalk the text is `1599360473000\\nSECRET` and the key the secret; for Feishu the text is
empty and the key `1599360473\\nSECRET`.
"""

import pytest

from alipay_mini_audit.cli.night.bots import (
    Bot,
    Draft,
    Refusal,
    dingtalk_signature,
    draft,
    feishu_signature,
    refusal_of,
)

NOW = 1599360473.0
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=4f1d9a"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/0c1e2d"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6"


@pytest.mark.parametrize(
    ("secret", "dingtalk", "feishu"),
    [
        (
            "this is secret",
            "hXZTWifRGHclNuZSKxoXc//sh51SWfVfRIhcdeKs63I=",
            "/eYKrXQBzTjUZJ3s6NX16VxGbTwmK7AEs8/FnvC1CSw=",
        ),
        (
            "SEC密钥+/=",
            "7At/BYFHPQYPVyQFlB4qZi/Y7rUcztW+e7bdQTKNQJk=",
            "8ooiF2NdjPqhD6IcCr+2ysBKnBtexF4kj1hklj3EiVM=",
        ),
    ],
)
def test_signatures_are_those_of_openssl(secret: str, dingtalk: str, feishu: str) -> None:
    assert dingtalk_signature(secret, 1599360473000) == dingtalk
    assert feishu_signature(secret, 1599360473) == feishu


def test_each_bot_gets_a_text_in_its_own_form() -> None:
    text = {"msgtype": "text", "text": {"content": "早"}}
    of_feishu = {"msg_type": "text", "content": {"text": "早"}}
    for bot, url, body in [
        (Bot.DINGTALK, DINGTALK, text),
        (Bot.FEISHU, FEISHU, of_feishu),
        (Bot.WECOM, WECOM, text),
    ]:
        assert draft(bot, url, "早", secret=None, now=NOW) == Draft(url, body)


def test_dingtalk_has_its_signature_in_the_query_and_feishu_in_the_body() -> None:
    signed = draft(Bot.DINGTALK, DINGTALK, "x", secret="this is secret", now=NOW)
    assert signed.url == (
        f"{DINGTALK}&timestamp=1599360473000"
        "&sign=hXZTWifRGHclNuZSKxoXc%2F%2Fsh51SWfVfRIhcdeKs63I%3D"
    )
    assert set(signed.body) == {"msgtype", "text"}
    signed = draft(Bot.FEISHU, FEISHU, "x", secret="this is secret", now=NOW + 0.9)
    assert signed.url == FEISHU
    assert signed.body["timestamp"] == "1599360473"
    assert signed.body["sign"] == "/eYKrXQBzTjUZJ3s6NX16VxGbTwmK7AEs8/FnvC1CSw="


def test_a_long_text_is_cut_where_a_character_ends() -> None:
    body = draft(Bot.WECOM, WECOM, "日志" * 1000, secret=None, now=NOW).body
    assert body == {"msgtype": "text", "text": {"content": "日志" * 332 + "日…"}}
    assert len(("日志" * 332 + "日…").encode()) <= 2048


@pytest.mark.parametrize(
    ("bot", "answer", "refusal"),
    [
        (Bot.DINGTALK, {"errcode": 0, "errmsg": "ok"}, None),
        (
            Bot.DINGTALK,
            {"errcode": 310000, "errmsg": "sign not match"},
            Refusal(310000, "sign not match"),
        ),
        (Bot.WECOM, {"errcode": 0, "errmsg": "ok"}, None),
        (Bot.WECOM, {"errcode": 93000}, Refusal(93000, "")),
        (Bot.FEISHU, {"code": 0, "msg": "success", "data": {}, "StatusCode": 0}, None),
        (Bot.FEISHU, {"StatusCode": 0, "StatusMessage": "success"}, None),
        (Bot.FEISHU, {"StatusCode": 1, "StatusMessage": "no"}, Refusal(1, "no")),
        (
            Bot.FEISHU,
            {"code": 19024, "msg": "Key Words Not Found"},
            Refusal(19024, "Key Words Not Found"),
        ),
        (Bot.FEISHU, {"code": 9499, "msg": 7, "StatusCode": 0}, Refusal(9499, "7")),
    ],
)
def test_the_code_in_the_answer_says_whether_it_was_taken(
    bot: Bot, answer: object, refusal: Refusal | None
) -> None:
    assert refusal_of(bot, answer) == refusal


@pytest.mark.parametrize(
    "answer",
    [None, [], "ok", 0, {}, {"errcode": "0"}, {"errcode": False}, {"errcode": None}, {"code": 0}],
)
def test_what_is_no_answer_of_a_bot_is_no_success(answer: object) -> None:
    with pytest.raises(ValueError, match="no answer"):
        refusal_of(Bot.DINGTALK, answer)


@pytest.mark.parametrize("bot", Bot)
def test_a_path_calls_nobody(bot: Bot) -> None:
    path = '/nights/<at user_id="all">all</at>.html'
    assert "<" not in str(draft(bot, FEISHU, path, secret=None, now=NOW).body)
