"""What codes of the gateway mean.

Documented on page 054fcv, or on the page of the older gateway, whose codes have the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["BY_NAME", "DOCUMENTED"]

DOCUMENTED: Final[Mapping[str, tuple[str, str]]] = {
    "app-call-limited": ("The app calls too often.", "应用的调用频率超限。"),
    "method-call-limited": ("The API is called too often.", "接口的调用频率超限。"),
    "unknow-error": ("A fault of the platform.", "平台服务异常。"),
    "unknown-sub-code": (
        "The gateway does not know the code of the business side; its message has it.",
        "网关不认识业务侧的错误码，真正的错误码在错误信息里。",
    ),
    "insufficient-isv-permissions": (
        "The API is not among what the app may call.",
        "接口不在应用的产品或权限范围内。",
    ),
    "insufficient-user-permissions": (
        "The user has no permission for this call.",
        "用户没有该调用的权限。",
    ),
    "self-invoke-forbidden": (
        "A third-party app called for itself, without a merchant's token.",
        "第三方应用没有携带商家授权令牌，以自身身份发起了调用。",
    ),
    "illegal-client-ip": (
        "The calling address is not on the app's allow-list.",
        "调用方地址不在应用的 IP 白名单内。",
    ),
    "invalid-app-auth-token": (
        "The token of the merchant is not valid.",
        "商家的应用授权令牌无效。",
    ),
    "invalid-app-auth-token-no-api": (
        "The merchant has not authorised this API.",
        "商家未授权该接口。",
    ),
    "app-auth-token-time-out": (
        "The token of the merchant has expired.",
        "商家的应用授权令牌已过期。",
    ),
    "invalid-auth-token": ("The token of the user is not valid.", "用户的访问令牌无效。"),
    "auth-token-time-out": ("The token of the user has expired.", "用户的访问令牌已过期。"),
    "not-support-app-auth": (
        "This API cannot be called for a merchant.",
        "该接口不支持第三方代调用。",
    ),
    "no-product-reg-by-partner": (
        "The merchant behind the token has not signed up, or the app was penalised.",
        "令牌对应的商家没有签约该产品，或应用受到处罚。",
    ),
    "missing-app-id": ("The app id is missing.", "缺少 APPID。"),
    "invalid-app-id": ("The app id is unknown in this environment.", "该环境没有这个 APPID。"),
    "missing-signature": ("The signature is missing.", "缺少签名。"),
    "missing-signature-type": ("The type of the signature is missing.", "缺少签名类型。"),
    "missing-signature-key": ("No public key of the app has been uploaded.", "应用没有上传公钥。"),
    "missing-signature-config": (
        "There is no public key or certificate for this type of signature.",
        "没有配置对应签名算法的公钥或证书。",
    ),
    "missing-default-signature-type": (
        "Signing is not set up for the app in the console.",
        "应用还没有在控制台设置签名方式。",
    ),
    "invalid-signature": (
        "The signature does not match what was received and the key of the app.",
        "签名与收到的内容或应用的密钥不符。",
    ),
    "invalid-signature-type": ("The type of the signature is not supported.", "不支持该签名类型。"),
    "missing-timestamp": (
        "The time stamp is missing; a call without an Authorization header gets this answer.",
        "缺少时间戳；缺少请求头 Authorization 的调用也会返回该错误码。",
    ),
    "invalid-timestamp": (
        "The time stamp is not valid, or too far from the platform's clock.",
        "时间戳无效，或与平台的时钟相差过大。",
    ),
    "invalid-digest": ("The digest is wrong.", "摘要错误。"),
    "missing-encrypt-key": (
        "The app has no AES key in the console.",
        "应用没有在控制台设置 AES 密钥。",
    ),
    "invalid-encrypt-type": ("The type of encryption is not valid.", "加密类型无效。"),
    "invalid-encrypt": ("The platform could not decrypt the content.", "平台解密内容时出错。"),
    "decryption-error-missing-encrypt-type": (
        "The content cannot be decrypted: no type of encryption is given.",
        "无法解密：没有指定加密算法。",
    ),
    "decryption-error-not-valid-encrypt-type": (
        "The content cannot be decrypted: the type of encryption is not supported.",
        "无法解密：不支持该加密算法。",
    ),
    "decryption-error-not-valid-encrypt-key": (
        "The content cannot be decrypted: the AES key is missing or malformed.",
        "无法解密：没有配置加密密钥，或密钥格式错误。",
    ),
    "decryption-error-unknown": (
        "The content cannot be decrypted; the platform does not know why.",
        "无法解密，原因未知。",
    ),
    "invalid-parameter": (
        "A parameter is not valid; the message says which.",
        "参数无效，具体见错误信息。",
    ),
    "upload-fail": (
        "The upload of a file failed; whether the call took effect is not known.",
        "文件上传失败，调用是否生效未知。",
    ),
    "invalid-file-extension": ("The extension of a file is not valid.", "文件扩展名无效。"),
    "invalid-file-size": ("The size of a file is not valid.", "文件大小无效。"),
    "missing-method": ("The name of the called API is missing.", "缺少接口名。"),
    "invalid-method": ("There is no API of the called name.", "接口名不存在。"),
    "invalid-format": ("The format of the data is not supported.", "不支持该数据格式。"),
    "invalid-charset": ("The character set is not supported.", "不支持该字符集。"),
    "missing-version": ("The version of the API is missing.", "缺少接口版本。"),
    "suspected-attack": (
        "The input filter takes something in the request for an attack; odd text may be enough.",
        "输入过滤器认为请求可疑；不寻常的文本也可能触发。",
    ),
}
"""Code -> its meaning in English and in Chinese."""

BY_NAME: Final[Mapping[str, tuple[str, str]]] = {
    "access-data-time-out": (
        "the platform did not reach its data in time; whether the call took effect is not known.",
        "平台访问数据超时，调用是否生效未知。",
    ),
    "invalid-response-data": (
        "what the business side answered was not valid; whether the call took effect is not known.",
        "业务侧返回的数据无效，调用是否生效未知。",
    ),
    "exceed-api-balance": (
        "the app's allowance for this API is used up.",
        "应用对该接口的调用额度已用完。",
    ),
    "app-auth-invoke-limit": (
        "calls for a merchant are limited for this app.",
        "该应用代商家调用受到限制。",
    ),
    "app-api-punished": (
        "the app may not call this API because of a penalty.",
        "应用受到处罚，不能调用该接口。",
    ),
    "forbidden-api": ("the API is closed to the app.", "该接口禁止应用调用。"),
    "missing-app-access-token": ("the token of the app is missing.", "缺少应用访问令牌。"),
    "missing-session": ("the session is missing.", "缺少会话。"),
    "invalid-auth-relations": (
        "the user has not authorised the app, or no longer does.",
        "用户与应用之间没有有效的授权关系。",
    ),
    "invalid-app-auth-relations": (
        "the merchant has not authorised the app, or no longer does.",
        "商家与应用之间没有有效的授权关系。",
    ),
    "invalid-subscribe-relations": (
        "the merchant has not subscribed to the app, or no longer does.",
        "商家与应用之间没有有效的订购关系。",
    ),
    "sevice-not-been-subscribed-to": (
        "the service has not been subscribed to.",
        "没有订购该服务。",
    ),
    "invalid-product": ("the product is not valid for this call.", "产品无效。"),
    "app-unbind-partner": ("the app is not bound to an account.", "应用没有绑定商家账号。"),
    "app-invalid-oid": ("the account of the app is not valid.", "应用所属的账号标识无效。"),
    "invalid-partnerid": ("the id of the partner is not valid.", "商家账号编号无效。"),
    "missing-app-uid": ("the account of the app is missing.", "缺少应用所属的账号。"),
    "invalid-app-state": (
        "the app is in a state that does not allow the call.",
        "应用的状态不允许调用。",
    ),
    "not-online-app": ("the app is not online.", "应用未上线。"),
    "inner-app-no-access": ("the app has no access to an internal API.", "应用无权访问内部接口。"),
    "invalid-inner-invoke-scene": (
        "the API is internal and cannot be called like this.",
        "内部接口的调用场景无效。",
    ),
    "invalid-app-api-field-config": (
        "the fields of the API are set up wrongly for the app.",
        "应用的接口字段配置无效。",
    ),
    "openid-error": (
        "the platform failed at the user's open id.",
        "平台处理用户的 open id 时出错。",
    ),
    "invalid-signature-type-said-interface": (
        "the API does not support the type of the signature.",
        "该接口不支持这种签名类型。",
    ),
    "unsupported-expired-app-key-sign": (
        "the signature was made with a key of the app that has expired.",
        "签名使用了已过期的应用密钥。",
    ),
    "app-key-security-risk, app-cert-expired": (
        "the app's key is at risk, or its certificate has expired.",
        "应用密钥存在安全风险，或应用证书已过期。",
    ),
    "app-key-security-risk": ("the app's key is at risk.", "应用密钥存在安全风险。"),
    "app-cert-expired": ("the app's certificate has expired.", "应用证书已过期。"),
    "app-cert-not-exist": (
        "the platform does not know the app's certificate.",
        "平台没有该应用证书。",
    ),
    "alipay-cert-not-exist": (
        "the platform does not know the Alipay certificate that was named.",
        "平台没有请求中指定的支付宝公钥证书。",
    ),
    "missing-app-cert-sn": (
        "the serial number of the app's certificate is missing.",
        "缺少应用证书的序列号。",
    ),
    "missing-alipay-cert-sn": (
        "the serial number of Alipay's certificate is missing.",
        "缺少支付宝公钥证书的序列号。",
    ),
    "missing-alipay-root-cert-sn": (
        "the serial number of Alipay's root certificate is missing.",
        "缺少支付宝根证书的序列号。",
    ),
    "invalid-alipay-root-cert-sn": (
        "the serial number of Alipay's root certificate is wrong.",
        "支付宝根证书的序列号有误。",
    ),
    "illegal-timestamp": (
        "the time stamp is not allowed, or too far from the platform's clock.",
        "时间戳不合法，或与平台的时钟相差过大。",
    ),
    "invalid-digest-type": ("the type of the digest is not valid.", "摘要类型无效。"),
    "missing-encrypt-type": ("the type of encryption is missing.", "缺少加密类型。"),
    "decryption-error": ("the platform could not decrypt the content.", "平台解密内容时出错。"),
    "invalid-request-data": ("the data of the request is not valid.", "请求数据无效。"),
    "illegal-card-no": ("a card number is not valid.", "卡号不合法。"),
    "illegal-json": ("the body is not valid JSON.", "请求体不是合法的 JSON。"),
    "invalid-encoding": ("the text is encoded wrongly.", "文本编码无效。"),
    "invalid-content-type": (
        "the Content-Type of the request is not valid.",
        "请求的 Content-Type 无效。",
    ),
    "file-check-fail": ("a file does not pass its check.", "文件校验未通过。"),
    "invalid-app-method": ("the app cannot call this API.", "应用不能调用该接口。"),
    "invalid-http-method": (
        "the API does not take this HTTP method.",
        "该接口不支持这种 HTTP 方法。",
    ),
    "unsupport-operation": ("the operation is not supported.", "不支持该操作。"),
    "invalid-version": ("the version of the API is not valid.", "接口版本无效。"),
    "unsupported-version": ("the version of the API is not supported.", "不支持该接口版本。"),
    "unsupported-sdk-version": ("the version of the SDK is not supported.", "不支持该 SDK 版本。"),
    "missing-platform": ("the platform of the call is missing.", "缺少平台标识。"),
    "invalid-platform": ("the platform of the call is not valid.", "平台标识无效。"),
    "method-forbidden-batch-invoke": (
        "the API cannot be called in a batch.",
        "该接口不支持批量调用。",
    ),
    "exist-blank-sub-request-id": (
        "a request of the batch has no id.",
        "批量请求中有子请求缺少编号。",
    ),
    "exist-repeated-sub-request-id": (
        "two requests of the batch have the same id.",
        "批量请求中有子请求的编号重复。",
    ),
}
"""Code -> what its name alone suggests."""
