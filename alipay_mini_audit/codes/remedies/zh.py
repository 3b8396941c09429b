"""What to do about a code, in Chinese: one line for each remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["CHINESE"]

CHINESE: Final[Mapping[str, str]] = {
    "ask_before_repeat": "先用 `version_detail` 查询版本状态：之前的某次提交可能已经生效。",
    "wait_or_cancel": (
        "用 `version_detail` 查询：已有版本在审核中，可能就是您之前的提交。"
        "请等待，或用 `cancel` 撤销。"
    ),
    "finish_other_version": (
        "先处理另一个版本：审核中则等待；被驳回则调用 audited.cancel；"
        "已通过则调用 audited.cancel 或上架；灰度中则完成上架。"
        "`client.resubmit` 会自动退回被驳回的旧版本。"
    ),
    "ask_if_in_development": (
        "用 `version_detail` 查询：该版本不在开发状态，之前的某次提交可能已经生效。"
    ),
    "wait_for_info_audit": "应用基础信息的变更正在审核，请等其通过后再提交。",
    "look_at_scan_result": (
        "用 `version_detail` 查看 `scan_result`：NAN 表示仍在扫描，请等待；"
        "False 表示未通过，请修复代码包。"
    ),
    "raise_version": "请用高于线上版本的版本号重新上传代码包，再提交该版本。",
    "stop_and_ask_support": "平台未公开说明；请先停止提交，并凭 trace id 联系支付宝客服。",
    "look_for_restriction": (
        "平台未公开说明；请在控制台查看是否有限制，或凭 trace id 联系支付宝客服。"
    ),
    "settle_revoked_license": (
        "平台未公开说明；从名称看营业执照已被吊销：请先处理，或联系支付宝客服。"
    ),
    "check_account_and_token": (
        "平台未公开说明；请核对账号与 `app_auth_token`，或凭 trace id 联系支付宝客服。"
    ),
    "settle_brand_dispute": (
        "平台未公开说明；从名称看有未结的品牌纠纷：请先处理，或联系支付宝客服。"
    ),
    "leave_slogan_out": "不要传 `app_slogan`，或等下个月：本月修改次数（公开为 5 次）已用完。",
    "leave_categories_out": "不要传类目编号，或等下个月：本月修改次数（公开为 5 次）已用完。",
    "leave_desc_out": "不要传 `app_desc`，或等下个月：本月修改次数已用完。",
    "leave_app_info_out": "平台未公开说明；请去掉会修改应用信息的字段，或等下一个周期。",
    "send_built_version": (
        "请传已构建完成的 `app_version`；上传后先轮询 build.query，直到构建完成。"
    ),
    "correct_version": "请更正 `app_version`：应用没有这个版本。",
    "send_version_desc": "请传 30 至 500 个字符的 `version_desc`，一个汉字按两个字符计。",
    "reword_version_desc": "请去掉 `version_desc` 中的敏感词后重新提交。",
    "shorten_memo": "请将 `memo` 缩短到 500 个字符以内，一个汉字按两个字符计。",
    "reword_memo": "请去掉 `memo` 中的敏感词后重新提交。",
    "correct_trade_number": (
        "平台未公开说明；从名称看 `memo` 中的交易号校验未通过：请更正或去掉。"
    ),
    "shorten_test_account": "请缩短 `test_account`；其长度上限未公开。",
    "shorten_test_password": "请缩短 `test_password`；其长度上限未公开。",
    "correct_named_field": "请更正错误信息中提到的字段。未设置的字段不要传，也不要传空字符串。",
    "send_name": "请传 `app_name`：应用还没有名称，或预占的名称已被释放。",
    "correct_name": "`app_name` 只能使用中文、字母、数字和下划线。",
    "correct_name_length": (
        "`app_name` 应为 3 至 40 个字符，一个汉字按两个字符计；较早的规则上限为 20。"
    ),
    "change_name_start": "平台未公开说明；从名称看 `app_name` 不能这样开头：请换一个。",
    "send_english_name": "请传 `app_english_name`：应用还没有英文名，或预占的英文名已被释放。",
    "correct_english_name": "`app_english_name` 应为 3 至 30 个字母和数字。",
    "reword_name": "请去掉 `app_name` 中的敏感词后重新提交。",
    "reword_english_name": "请去掉 `app_english_name` 中的敏感词后重新提交。",
    "choose_other_name": "请换一个 `app_name`：该名称已被占用。应用上架后不能再修改名称。",
    "choose_other_english_name": (
        "请换一个 `app_english_name`：该英文名已被占用。应用上架后不能再修改。"
    ),
    "leave_name_out": "不要传 `app_name`：应用上架过之后不能修改名称。",
    "leave_english_name_out": "不要传 `app_english_name`：应用上架过之后不能修改英文名。",
    "send_slogan": "请传 10 至 32 个字符的 `app_slogan`，一个汉字按两个字符计。",
    "reword_slogan": "请去掉 `app_slogan` 中的敏感词后重新提交。",
    "send_desc": "请传 20 至 400 个字符的 `app_desc`，一个汉字按两个字符计。",
    "reword_desc": "请去掉 `app_desc` 中的敏感词后重新提交。",
    "reword_risky_text": "请改写 `app_name`、`app_slogan` 或 `app_desc`：其中有风控不接受的词。",
    "remove_brand": "平台未公开说明；从名称看命中了品牌词：请从名称、简介和描述中去掉。",
    "reword_or_ask_support": (
        "平台未公开说明；请改写名称、简介和描述，或凭 trace id 联系支付宝客服。"
    ),
    "choose_categories": (
        "请从 category.query 选择账号可用的类目编号；以 XS 开头的编号填入 `mini_category_ids`。"
    ),
    "correct_category_count": "请传 1 至 4 个类目；此前没有设置过类目时必须传。",
    "choose_open_category": "请选择对个人开放的类目，或改用企业账号提交。",
    "send_phone_or_mail": "请传 `service_phone` 或 `service_email`，至少一项。",
    "send_phone": "请传 5 至 30 位、由数字和 `-` 组成的 `service_phone`。",
    "correct_email": "请更正 `service_email`，或不要传。",
    "reword_email": "请去掉 `service_email` 中的敏感词后重新提交。",
    "check_safe_domains": "平台未公开说明；请在控制台核对应用的安全域名列表。",
    "send_region_type": (
        "请传 `region_type`：GLOBAL、CHINA 或 LOCATION；LOCATION 需要同时传 `service_region_info`。"
    ),
    "send_region_codes": (
        "请在 `service_region_info` 中使用平台的区域编码：城市要带省份，区县要带省份和城市。"
    ),
    "send_license_name": "请传 `license_name`：该类目需要营业执照。",
    "send_license_no": "请传 `license_no`：该类目需要营业执照。",
    "send_license_date": "请传执照到期日 `license_valid_date`；长期有效填 9999-12-31。",
    "match_license": (
        "请使 `license_name`、`license_no`、`license_valid_date` 与执照图片上的内容一致。"
    ),
    "send_license_pics": "请传 1 至 5 张 `license_pics`。",
    "save_license_pics": (
        "请将 `license_pics` 另存为 RGB（不是 CMYK）的 png 或 jpg，文件名要带扩展名。"
    ),
    "send_special_pics": "请传该类目要求的 `special_license_pics`。",
    "send_fewer_special_pics": (
        "请减少 `special_license_pics`：各版本都接受 3 张，最新的接口最多 10 张。"
    ),
    "send_logo": "请传 `app_logo`：应用还没有图标。",
    "send_own_logo": "请传自己的 `app_logo`：应用还在使用默认图标。",
    "save_logo": "请将 `app_logo` 另存为 RGB（不是 CMYK）的 png 或 jpg，文件名要带扩展名。",
    "make_logo_square": "请将 `app_logo` 裁成正方形，建议 180×180 像素。",
    "shrink_logo": "请压缩 `app_logo`：最大 2 MB，建议 180×180 像素。",
    "send_screen_shots": "请传 2 至 5 张 `screen_shots`。",
    "save_screen_shots": "请将 `screen_shots` 另存为 png 或 jpg，文件名要带扩展名。",
    "shrink_screen_shots": "请压缩 `screen_shots`：每张最大 4 MB，且不超过 2160×3840 像素。",
    "send_out_door_pic": "请传门头照 `out_door_pic`。",
    "send_named_file": "请根据错误信息找到缺失或为空的文件并传入。",
    "correct_file_format": (
        "请更正文件的格式和扩展名：图片为 png 或 jpg，`test_file` 为 zip 或 rar。"
    ),
    "shrink_file": "请压缩文件：图标最大 2 MB，其他图片 4 MB，`test_file` 10 MB。",
    "ask_then_repeat_or_support": (
        "用 `version_detail` 查询调用是否已生效；若未生效，请稍后重试或联系支付宝客服。"
    ),
    "check_version_is_built": (
        "请确认 `app_version` 存在；刚上传时先轮询 build.query，直到构建完成。"
    ),
    "ask_for_state": (
        "平台未公开说明；请用 `version_detail` 查询版本状态：之前的某次调用可能已经生效。"
    ),
    "check_app_type": "请确认该应用（或 `app_auth_token` 对应的应用）是小程序。",
    "check_token_or_template": (
        "请核对 `app_auth_token`：填写有误或未生效；若为上传，也可能是模板 ID 有误。"
    ),
    "correct_bundle_id": "请更正 `bundle_id`；支付宝端可以不传。",
    "ask_what_is_in_audit": (
        "用 `version_detail` 查询：没有审核中的版本，之前的某次撤销可能已经生效。"
    ),
    "ask_if_in_audit": "用 `version_detail` 查询：该版本不在审核中，之前的某次撤销可能已经生效。",
    "ask_for_state_and_support": (
        "平台未公开说明；请用 `version_detail` 查询状态，并凭 trace id 联系支付宝客服。"
    ),
    "ask_then_repeat": "用 `version_detail` 查询调用是否已生效；若未生效，请稍后重试。",
    "check_app_id_and_token": "请确认凭证中填写了 `app_id`，且 `app_auth_token` 属于该小程序。",
    "call_less_often": "请降低调用频率：已达到应用的上限。本次调用没有执行，可以稍后重试。",
    "call_api_less_often": "请降低调用频率：已达到该接口的上限。本次调用没有执行，可以稍后重试。",
    "ask_then_repeat_undocumented": (
        "平台未公开说明；用 `version_detail` 查询调用是否已生效；若未生效，请稍后重试。"
    ),
    "read_message_for_code": "真正的错误码在错误信息里；再次提交前先用 `version_detail` 查询。",
    "buy_more_calls": "平台未公开说明；从名称看该接口的调用额度已用完：请购买或申请更多。",
    "add_product": "请在控制台为应用添加包含该接口的产品，并完成授权。",
    "have_call_authorised": "请由用户或商家对该调用授权，并使用由此得到的令牌。",
    "pass_token": "第三方应用调用时请传 `app_auth_token`，或改用小程序自己的 APPID。",
    "look_for_api_restriction": (
        "请在控制台查看应用或接口是否受限，或凭 trace id 联系支付宝客服。"
    ),
    "allow_address": "请在控制台将调用的出口地址加入应用的 IP 白名单。",
    "check_token": "请核对 `app_auth_token`，或由商家重新授权。",
    "authorise_api": "请由商家重新授权并包含该接口：现有令牌不含此权限。",
    "refresh_token": "请刷新令牌，或由商家重新授权：令牌已过期。",
    "renew_relation": "请由商家重新授权或订购：平台没有找到有效的关系。",
    "leave_token_out": "不要传 `app_auth_token`：从名称看该接口不能代商家调用。",
    "have_merchant_sign_up": "请由令牌对应的商家签约该产品，并核对应用是否受到处罚。",
    "subscribe_to_product": "请在控制台为应用订购该产品。",
    "check_bound_account": "请核对应用绑定的账号，或凭 trace id 联系支付宝客服。",
    "set_app_id": "请在凭证中填写 `app_id`。",
    "check_app_id_and_base_url": (
        "请核对 `app_id` 与 `base_url`：该环境没有这个 APPID，例如把沙箱的 APPID 用到了正式环境。"
    ),
    "check_app_is_online": "请在控制台查看发起调用的应用：它必须已上线且状态正常。",
    "ask_support": "平台未公开说明；请凭 trace id 联系支付宝客服。",
    "check_header_unaltered": "请确认没有代理丢弃或改动请求头 Authorization。",
    "check_private_key": "请确认私钥与控制台中该应用的公钥或证书匹配。",
    "set_rsa2": "请在控制台将应用的签名方式设为 RSA2，v3 接口只支持这一种。",
    "set_up_signing": "请在控制台上传应用公钥或证书：应用还没有设置签名。",
    "make_new_key_pair": "请生成新的密钥对，在控制台上传公钥，并用新的私钥签名。",
    "replace_key_or_certificate": "请在控制台查看应用的密钥与证书，更换有风险或已过期的那一个。",
    "replace_key_pair": "请在控制台更换应用的密钥对：平台认为该密钥有风险。",
    "renew_app_certificate": "请在控制台更新应用证书，并将新证书载入凭证。",
    "load_app_certificate": "请载入控制台中该应用的证书，或将您的证书上传到控制台。",
    "load_alipay_certificate": "请从控制台下载当前的支付宝公钥证书，并载入凭证。",
    "use_certificates": "请改用证书模式的凭证：控制台中该应用为证书模式。",
    "load_root_bundle": "请载入控制台提供的完整根证书文件，并注意区分正式环境与沙箱。",
    "check_header_arrives": (
        "请确认没有代理丢弃请求头 Authorization：缺少该请求头时平台会返回此错误码。"
    ),
    "set_clock": "请校准调用方的时钟：平台允许的误差为 10 分钟。校准后可以放心重发。",
    "set_aes_key": "请在控制台为应用设置 AES 密钥，或去掉 `encrypt_key`。",
    "check_encrypt_header": (
        "请确认没有代理丢弃请求头 alipay-encrypt-type，且控制台中的加密方式为 AES。"
    ),
    "compare_encrypt_key": (
        "请核对 `encrypt_key` 与控制台中的 AES 密钥，或不使用加密：并非所有接口都支持。"
    ),
    "read_message_for_field": "请根据错误信息找到有误的字段并更正。",
    "check_body_unaltered": "请确认途中没有改动请求体：到达的必须就是签名时的 JSON。",
    "correct_file_extension": "请更正文件的格式和扩展名。",
    "check_file_opens": "请确认文件能打开且与扩展名一致；如有疑问请重新保存。",
    "remove_markup": "请去掉字段中的标记、代码和控制字符：输入过滤器不接受。",
    "check_call": "请核对调用的方法、路径和 `base_url`：平台没有这个接口。",
    "check_path_or_upgrade": "请核对调用的路径；若是本库自带的调用，请升级本库。",
    "send_alone": "请单独发送该调用，不要放在平台的批量请求中。",
}
