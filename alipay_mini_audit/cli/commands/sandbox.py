"""`sandbox`: serve the gateway for other programs."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.exits import Stopped, failures_in_one_line, until_stopped
from alipay_mini_audit.cli.language import called, chosen, documented, said
from alipay_mini_audit.cli.options import Lang

__all__ = ["sandbox"]

_Port: TypeAlias = Annotated[
    int,
    typer.Option(
        metavar="PORT",
        min=0,
        max=65535,
        help=said(
            "Port on 127.0.0.1; 0 takes a free one.", "127.0.0.1 上的端口，0 表示任选空闲端口。"
        ),
    ),
]
_Keys: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        file_okay=False,
        help=said(
            "Folder with the keys and certificates; if it holds none, they are made there.",
            "存放密钥和证书的目录，其中没有时会自动生成。",
        ),
    ),
]
_Lenient: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--lenient",
        help=said("Accept what the platform would refuse.", "接受平台会拒绝的内容。"),
    ),
]
_EncryptKey: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help=said("AES key of encrypted calls, in base64.", "加密调用的 AES 密钥，base64 编码。"),
    ),
]
_Notify: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help=said(
            "Where to send the signed notifications of verdicts.",
            "接收审核结果通知（已签名）的网址。",
        ),
    ),
]
_Log: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.jsonl",
        dir_okay=False,
        help=said(
            "Append a line of JSON for each request and notification. It holds no secrets.",
            "为每个请求和每次通知追加一行 JSON，其中不含任何敏感信息。",
        ),
    ),
]


@documented(
    "在 127.0.0.1 上提供沙箱网关服务，按 Ctrl-C 结束。\n\n"
    "第一行输出包含基础地址，之后每个请求、每次发送通知各输出一行。指定目录后，任何客户端都可以接入："
    "目录中有 app_id、app_private_key.pem（PKCS#8）、alipay_public_key.pem，"
    "以及证书模式所需的证书。"
    "本机的其他程序可以通过 /_sandbox/ 以 JSON 查看提交、作出审核决定、设置故障。"
)
def sandbox(
    port: _Port = 8080,
    keys: _Keys = None,
    lenient: _Lenient = False,
    encrypt_key: _EncryptKey = None,
    notify: _Notify = None,
    log: _Log = None,
    lang: Lang = None,
) -> None:
    """Serve a sandbox gateway on 127.0.0.1 until Ctrl-C.

    Its first line holds the base URL; then there is a line for each request, and for each
    notification that is sent. With a folder any
    client can be pointed at it: the folder holds app_id, app_private_key.pem (PKCS#8),
    alipay_public_key.pem, and the certificates of certificate mode. Other programs on this
    computer look, decide and script faults in JSON under /_sandbox/.
    """
    import asyncio

    from alipay_mini_audit.cli.sandbox.outputs import log_file, terminal
    from alipay_mini_audit.cli.sandbox.run import Served, serve

    with failures_in_one_line():
        language = chosen(lang)
    served = Served(
        port=port,
        keys=keys,
        strict=not lenient,
        language=language,
        encrypt_key=encrypt_key,
        notify_url=notify,
    )
    with (
        failures_in_one_line(language),
        log_file(log, language) as logged,
        terminal(language) as shown,
    ):
        work = serve(served, announce=_announce, shown=shown, log=logged)
        try:
            with _blaming_the_option(encrypt_key), called("--notify", "notify_url"):
                asyncio.run(until_stopped(work))
        except (Stopped, KeyboardInterrupt):
            return
        if shown is not None and shown.failure is not None:
            raise shown.failure


def _blaming_the_option(encrypt_key: str | None) -> contextlib.AbstractContextManager[None]:
    """Call an unusable key as it was given: by the option, or by the folder."""
    if encrypt_key is None:
        return contextlib.nullcontext()
    return called("--encrypt-key", "encrypt_key")


def _announce(base_url: str) -> None:
    typer.echo(f"Sandbox gateway: {base_url} (Ctrl-C stops it)")
