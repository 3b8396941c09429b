"""Options that any command may have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.language import said

__all__ = [
    "AllowPlainHttp",
    "AppAuthToken",
    "AsJson",
    "BaseUrl",
    "BundleId",
    "CredentialsFile",
    "Lang",
    "PollSeconds",
    "Profile",
    "Version",
    "WaitSeconds",
    "Yes",
]

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

AppAuthToken: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="TOKEN",
        envvar="ALIPAY_APP_AUTH_TOKEN",
        show_envvar=False,
        help=said(
            "The merchant's token, for a third-party app; better ALIPAY_APP_AUTH_TOKEN, which no "
            "list of processes shows.",
            "商家的应用授权令牌，服务商代调用时需要；建议用环境变量 ALIPAY_APP_AUTH_TOKEN，"
            "以免出现在进程列表中。",
        ),
    ),
]
"""`--app-auth-token`."""

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

BundleId: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="BUNDLE",
        help=said(
            "The application it runs in; without it, the Alipay wallet.",
            "小程序所在的端；不指定时为支付宝客户端。",
        ),
    ),
]
"""`--bundle-id`."""

CredentialsFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        metavar="FILE",
        help=said(
            "TOML file with the credentials; without it they are in the environment.",
            "存放凭证的 TOML 文件；不指定时从环境变量读取。",
        ),
    ),
]
"""`--credentials`."""

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

Profile: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=said(
            "Which of the file's profiles to use, that is its table profiles.NAME.",
            "使用文件中的哪个配置，即哪个表 profiles.NAME。",
        ),
    ),
]
"""`--profile`."""

Version: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="VERSION", help=said("Such as 0.0.1.", "例如 0.0.1。")),
]
"""The version that a command is about."""

Yes: TypeAlias = Annotated[
    bool,
    typer.Option("--yes", help=said("Do not ask.", "不再询问。")),
]
"""`--yes`: in a script there is nobody to ask."""

PollSeconds: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--poll",
        metavar="SECONDS",
        min=0.1,
        help=said(
            "From the first question about a version to the second, 60 by default; later ones are "
            "ever further apart, 30 minutes at the most.",
            "首次与第二次查询同一版本之间的秒数，默认 60；之后的间隔逐渐加长，最长 30 分钟。",
        ),
    ),
]
"""`--poll`: how often to ask for a verdict."""

WaitSeconds: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0.0,
        help=said(
            "How long to wait for the verdict; otherwise for as long as it takes.",
            "等待审核结果的秒数；不指定时一直等待。",
        ),
    ),
]
"""`--timeout`: how long to wait for a verdict."""
