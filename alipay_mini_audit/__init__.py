"""Submit Alipay mini-program versions for audit, asynchronously."""
