"""The only room with sockets: one aiohttp session, the bodies, and what a failure means."""

from aiohttp import ClientSession

from alipay_mini_audit.transport.failures import closed_client
from alipay_mini_audit.transport.places import Place
from alipay_mini_audit.transport.progress import Phase, PieceGate, Progress
from alipay_mini_audit.transport.session import Transport

__all__ = [
    "ClientSession",
    "Phase",
    "PieceGate",
    "Place",
    "Progress",
    "Transport",
    "closed_client",
]
