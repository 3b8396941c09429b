"""Options that any command may have."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.language import said

__all__ = ["AllowPlainHttp", "AsJson", "BaseUrl", "Lang"]

AllowPlainHttp: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--allow-plain-http",
        help=said(
            "That URL may be plain http, in a network of your own.",
            "在自有网络中允许该地址使用明文 http。",
        ),
    ),
]
"""`--allow-plain-http`, for a sandbox in a network of containers."""

AsJson: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json", help=said("Print one JSON object, nothing else.", "只输出一个 JSON 对象。")
    ),
]
"""`--json`: what a program reads."""

BaseUrl: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help=said(
            "Where the client will call; without it, what the environment or the file says.",
            "客户端将要调用的地址；不指定时取环境变量或文件中的值。",
        ),
    ),
]
"""`--base-url`."""

Lang: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="zh|en",
        help=said(
            "Otherwise ALIPAY_MINI_AUDIT_LANG, locale.",
            "语言；默认取 ALIPAY_MINI_AUDIT_LANG，其次取系统区域设置。",
        ),
    ),
]
"""`--lang`: the language of what is printed."""
