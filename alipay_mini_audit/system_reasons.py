"""Why a system refuses something, in Chinese; what it says itself is English. No I/O here."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Final

__all__ = ["chinese_reason"]

_REASONS: Final[Mapping[str, str]] = {
    "EACCES": "没有权限",
    "EADDRINUSE": "端口已被占用",
    "EADDRNOTAVAIL": "本机没有该地址",
    "EBADF": "文件描述符无效或已关闭",
    "EBUSY": "文件或设备正被占用",
    "ECONNREFUSED": "连接被拒绝",
    "ECONNRESET": "连接被重置",
    "EFBIG": "文件过大",
    "EHOSTUNREACH": "无法到达主机",
    "EINVAL": "参数无效",
    "EIO": "读写设备时出错",
    "EISDIR": "这是一个目录",
    "ELOOP": "符号链接层数过多或形成循环",
    "EMFILE": "当前进程打开的文件过多",
    "ENAMETOOLONG": "路径过长",
    "ENETUNREACH": "网络不可达",
    "ENFILE": "系统打开的文件过多",
    "ENODEV": "没有对应的设备",
    "ENOENT": "文件或目录不存在",
    "ENOMEM": "内存不足",
    "ENOSPC": "磁盘空间不足",
    "ENOTCONN": "网络存储未连接",
    "ENOTDIR": "上级路径不是目录",
    "ENXIO": "没有对应的设备或地址",
    "EOVERFLOW": "文件过大",
    "EPERM": "不允许该操作",
    "EROFS": "文件系统只读",
    "ESPIPE": "不支持定位",
    "ESTALE": "网络文件系统的文件句柄已失效",
    "ETIMEDOUT": "操作超时",
}
"""By the symbol of an errno: not every system has all of them."""


def chinese_reason(error: BaseException) -> str | None:
    """Return why the system refused something, without a full stop.

    Args:
        error: whatever was raised.

    Returns:
        `None` if the system did not raise it, or nobody has written the reason in Chinese.
    """
    number = error.errno if isinstance(error, OSError) else None
    return _REASONS.get(errno.errorcode.get(number, "")) if isinstance(number, int) else None
