"""`unusable`: what is wrong with a setting of the sandbox, in both languages."""

from __future__ import annotations

from alipay_mini_audit.errors import ConfigurationError

__all__ = ["unusable"]


def unusable(
    setting: str, english: tuple[str, str], chinese: tuple[str, str], **values: object
) -> ConfigurationError:
    """Return the error for a setting that cannot be used.

    Args:
        setting: which.
        english: what is wrong and what to do.
        chinese: the same.
        values: what is filled into the texts, by its name there.
    """
    problem, advice = (text.format_map(values) for text in english)
    told = (chinese[0].format_map(values), chinese[1].format_map(values))
    return ConfigurationError(setting, problem, advice, translations={"zh": told})
