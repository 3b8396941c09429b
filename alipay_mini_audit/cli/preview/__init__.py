"""`preview`: one submission as a page, before anybody submits it."""

from alipay_mini_audit.cli.preview.making import default_place, make_preview, tell_preview

__all__ = ["default_place", "make_preview", "tell_preview"]
