"""Codes of this package about what is submitted: fields, files, texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["TEXTS"]

TEXTS: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "animated": (
        ("a picture is animated.", "Give a still picture."),
        ("图片是动图。", "请使用静态图片。"),
    ),
    "archive_encrypted": (
        ("an archive needs a password.", "Pack it again without one."),
        ("压缩包设有密码。", "请重新打包，不要加密。"),
    ),
    "bad_character": (
        ("a text holds a character that no text may hold.", "Remove it."),
        ("文本含有不允许的字符。", "请删除该字符。"),
    ),
    "bad_part_name": (
        ("a file part has a name that cannot be sent.", "Use letters, digits and underscores."),
        ("文件参数的名称无法发送。", "请只使用字母、数字和下划线。"),
    ),
    "bad_path": (
        ("the path of a call is not one of the API.", "Give it as `/v3/...`."),
        ("调用路径不是有效的接口路径。", "请写成 `/v3/...`。"),
    ),
    "bad_status": (
        ("a list is asked for by what is no status.", "Give a word in capitals, such as AUDITING."),
        ("查询列表所用的状态不是有效的单词。", "请填写大写单词，例如 AUDITING。"),
    ),
    "bad_token": (
        ("`app_auth_token` cannot be a token.", "Copy it again."),
        ("`app_auth_token` 不是有效的令牌。", "请重新复制。"),
    ),
    "blank_bundle_id": (
        ("`bundle_id` is blank.", "Leave it out for the Alipay wallet."),
        ("`bundle_id` 为空白。", "支付宝端请不要填写该字段。"),
    ),
    "categories_ignored": (
        (
            "the categories of the old tree are ignored beside those of the new one.",
            "Leave `app_category_ids` out.",
        ),
        ("同时填写了新类目，旧类目会被忽略。", "请去掉 `app_category_ids`。"),
    ),
    "duplicate_part": (
        ("a file part is given twice.", "Give it once."),
        ("同一个文件参数给了两次。", "请只保留一个。"),
    ),
    "empty_file": (
        ("a file is empty.", "Give a file with content."),
        ("文件是空的。", "请提供有内容的文件。"),
    ),
    "empty_path": (
        ("the path of a file is an empty text.", "Give the path, or `None` for no file."),
        ("文件路径是空字符串。", "请填写路径；没有文件时用 `None`。"),
    ),
    "example_email": (
        ("an e-mail address is one of an example.", "Give your own."),
        ("邮箱使用了示例域名。", "请填写真实邮箱。"),
    ),
    "extension_differs": (
        ("a file's name ends otherwise than its content is.", "Rename it."),
        ("文件扩展名与内容不符。", "请修改文件名。"),
    ),
    "file_not_found": (
        ("there is no such file.", "Look at the path."),
        ("文件不存在。", "请检查路径。"),
    ),
    "filename_missing": (
        ("a file has no name that tells its format.", "Give it one with an extension."),
        ("文件没有能表明格式的名称。", "请提供带扩展名的文件名。"),
    ),
    "gap": (
        ("a file stands behind an empty place in the order.", "Close the gap."),
        ("文件顺序中前面有空缺。", "请按顺序填补。"),
    ),
    "is_a_directory": (
        ("a directory was given in place of a file.", "Give a file."),
        ("给出的是目录而不是文件。", "请提供文件。"),
    ),
    "known_field": (
        ("a name among the additional fields is one of this package's own.", "Give it there."),
        ("附加字段与本库已有的字段同名。", "请使用对应的已有字段。"),
    ),
    "not_a_file": (
        ("something that is no regular file was given, a pipe or a device.", "Give a file."),
        ("给出的不是普通文件，例如管道或设备。", "请提供普通文件。"),
    ),
    "not_a_list": (
        ("one file was given in place of a list.", "Give a list of files."),
        ("给出的不是列表。", "请提供文件列表。"),
    ),
    "not_json": (
        ("a value cannot be written as JSON.", "Give texts, numbers, lists and mappings."),
        ("该值无法写成 JSON。", "请使用文本、数字、列表和映射。"),
    ),
    "one_shot_source": (
        (
            "a stream can be read only once, and a repeated attempt reads it again.",
            "Give its content as `bytes`, or a path.",
        ),
        ("该流只能读取一次，而重试需要再次读取。", "请改用 `bytes` 内容或文件路径。"),
    ),
    "other_platform": (
        ("a text names another platform.", "Remove the name; auditors refuse that as a rule."),
        ("文字中提到了其他平台。", "请去掉；审核通常不予通过。"),
    ),
    "out_door_pic_colours": (
        ("the photo of the shop front has the colours of print, CMYK.", "Save it as RGB."),
        ("门店照片为印刷用的 CMYK 色彩模式。", "请另存为 RGB。"),
    ),
    "out_door_pic_format": (
        ("the photo of the shop front has another format.", "Save it as PNG or JPEG."),
        ("不支持门店照片的格式。", "请另存为 PNG 或 JPEG。"),
    ),
    "out_door_pic_size": (
        ("the photo of the shop front is too large.", "Make it smaller."),
        ("门店照片过大。", "请缩小或压缩。"),
    ),
    "permission_denied": (
        ("this process may not read a file.", "Let it read the file and its folders."),
        ("本进程无权读取该文件。", "请授予文件及其目录的读取权限。"),
    ),
    "placeholder_text": (
        ("a text reads like a placeholder.", "Write what the auditors should know."),
        ("文字看起来像占位内容。", "请写明审核人员需要了解的内容。"),
    ),
    "regions_unused": (
        (
            "regions are given, and the type of region does not use them.",
            "Leave them out, or set the type to `LOCATION`.",
        ),
        ("填写了服务区域，但区域类型不需要。", "请删除区域，或将类型设为 `LOCATION`。"),
    ),
    "rule_failed": (
        (
            "a rule among `extra_rules` raised an error or returned something else.",
            "Mend that rule.",
        ),
        ("`extra_rules` 中的规则抛出异常或返回了其他内容。", "请修正该规则。"),
    ),
    "same_picture": (
        ("one picture is given twice.", "Give another one."),
        ("同一张图片出现了两次。", "请更换其中一张。"),
    ),
    "stream_closed": (
        ("a stream was closed before it was sent.", "Keep it open until the call is over."),
        ("流在发送前已被关闭。", "请在调用结束前保持打开。"),
    ),
    "stream_in_use": (
        ("a stream is used by two parts or two calls.", "Give its content as `bytes`."),
        ("同一个流被两个文件参数或两次调用使用。", "请改用 `bytes` 内容。"),
    ),
    "surrounding_blanks": (
        ("a text begins or ends with white space.", "Remove it."),
        ("文字首尾有空白。", "请删除空白。"),
    ),
    "test_account_incomplete": (
        ("the test account lacks its name or its password.", "Give both."),
        ("测试账号缺少账号或密码。", "请同时填写两者。"),
    ),
    "test_account_missing": (
        ("a text mentions a test account that is not given.", "Give it with its password."),
        ("文字提到了测试账号，但没有填写。", "请一并填写账号和密码。"),
    ),
    "text_stream": (
        ("a file was opened as text.", "Open it as binary, with the mode `rb`."),
        ("文件以文本模式打开。", "请以二进制模式 `rb` 打开。"),
    ),
    "too_many": (
        ("there are more files than the platform takes.", "Leave some out."),
        ("文件数量超过平台上限。", "请减少文件。"),
    ),
    "truncated": (
        ("the end of a picture is missing.", "Save it again."),
        ("图片末尾不完整。", "请重新保存。"),
    ),
    "turned": (
        (
            "a picture is stored in another shape than it is shown in, by its EXIF data.",
            "Save it as it is shown.",
        ),
        ("图片的存储尺寸与显示尺寸不同（EXIF 旋转）。", "请按显示方向重新保存。"),
    ),
    "unknown_field": (
        ("there is no field of this name.", "Look for its spelling."),
        ("没有这个名称的字段。", "请检查拼写。"),
    ),
    "unknown_part": (
        ("there is no file part of this name.", "Look for its spelling."),
        ("没有这个名称的文件参数。", "请检查拼写。"),
    ),
    "unknown_value": (
        ("the platform's pages do not list this value.", "Look for its spelling."),
        ("平台文档未列出该取值。", "请检查拼写。"),
    ),
    "unsupported_source": (
        (
            "something that cannot be read as a file was given.",
            "Give a path, `bytes` or an open binary file.",
        ),
        ("给出的对象无法作为文件读取。", "请提供路径、`bytes` 或以二进制打开的文件。"),
    ),
    "version_format": (
        ("a version is not of the form x.y.z.", "Write it so; the console does."),
        ("版本号不是 x.y.z 的形式。", "请按该形式填写，与控制台一致。"),
    ),
}
"""Code -> (meaning, advice) in English, then in Chinese."""
