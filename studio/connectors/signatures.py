"""Whether a webhook comes from whom it says: Standard Webhooks, and Shopify's HMAC, both over the raw bytes of the body.

It looks at bytes and headers only and parses nothing; every doubt is Unauthenticated, and never says which one.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook, WebhookVerificationError

from studio.errors import KnownError, Unauthenticated
from studio.model.shop import HookKind

_MAX_ID: Final = 200


def verified_id(kind: HookKind, secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """The message's id once its signature holds (and, by Standard Webhooks, its time is within 300 s). Raises Unauthenticated.

    Shopify signs neither id nor time and repeats a message for two days: there the order's own numbers tell a repeat.
    """
    names = {name.lower(): value for name, value in headers.items()}
    message_id = _shopify(secret, names, body) if kind == "shopify" else _standard(secret, names, body)
    if len(message_id) > _MAX_ID or not (message_id.isascii() and message_id.isprintable()):
        raise Unauthenticated("hooks.signature")
    return message_id


def _standard(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    stamp = headers.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdecimal()):
        raise Unauthenticated("hooks.signature")
    try:
        webhook = Webhook(secret)
    except (EmptyWebhookSecretError, ValueError) as error:
        raise KnownError("hooks.bad_secret") from error
    try:
        webhook.verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        # ValueError: what is no base64, no comma where one belongs, no UTF-8 in body or header.
        raise Unauthenticated("hooks.signature") from error
    return headers["webhook-id"]


def _shopify(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    expected = hmac.digest(secret.encode(), body, "sha256")
    try:
        given = base64.b64decode(headers.get("x-shopify-hmac-sha256", ""), validate=True)
    except ValueError as error:
        raise Unauthenticated("hooks.signature") from error
    if not hmac.compare_digest(expected, given):
        raise Unauthenticated("hooks.signature")
    return headers.get("x-shopify-webhook-id") or hashlib.sha256(body).hexdigest()
