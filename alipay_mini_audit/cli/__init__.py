"""The command line `alipay-mini-audit` (extra `[cli]`): arguments, commands, output."""
