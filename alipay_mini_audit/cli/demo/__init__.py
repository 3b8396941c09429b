"""What `alipay-mini-audit demo` does."""
