"""MNS's responses: XML documents, errors, and the request id that its SDK reads."""

import secrets
from collections.abc import Iterable
from xml.sax.saxutils import escape

from flask import Response

from infra.local.cabinets.mns_queue import DeliveredMessage

SPACE = 'xmlns="http://mns.aliyuncs.com/doc/v1/"'


def answer(status: int, body: str = "") -> Response:
    """A response with a document or without. The request id's header is lower case, as the SDK needs it."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>{body}' if body else ""
    return Response(
        text,
        status=status,
        content_type="text/xml;charset=utf-8",
        headers={"x-mns-request-id": secrets.token_hex(12).upper(), "x-mns-version": "2015-06-06"},
    )


def document(tag: str, parts: Iterable[str], status: int = 200) -> Response:
    return answer(status, f"<{tag} {SPACE}>{''.join(parts)}</{tag}>")


def record(tag: str, **fields: object) -> str:
    """An element of simple elements. Newlines stay unchanged."""
    inside = "".join(f"<{name}>{_text(value)}</{name}>" for name, value in fields.items())
    return f"<{tag} {SPACE}>{inside}</{tag}>"


def message(delivered: DeliveredMessage, *, peeked: bool) -> str:
    """A received message, or a peeked one, which has no receipt."""
    held = {} if peeked else {"ReceiptHandle": delivered.receipt, "NextVisibleTime": delivered.next_visible_ms}
    return record(
        "Message",
        MessageId=delivered.message_id,
        MessageBodyMD5=delivered.md5,
        MessageBody=delivered.body,
        EnqueueTime=delivered.enqueued_ms,
        FirstDequeueTime=delivered.first_dequeued_ms,
        DequeueCount=delivered.dequeue_count,
        Priority=8,
        **held,
    )


def error(status: int, code: str, text: str) -> Response:
    fields = {
        "Code": code,
        "Message": text,
        "RequestId": secrets.token_hex(12).upper(),
        "HostId": "http://mns.local",
    }
    return answer(status, record("Error", **fields))


def batch_deleted(expired_receipts: list[str]) -> Response:
    """The response to a batch delete: empty, or with the receipts that failed."""
    if not expired_receipts:
        return answer(204)
    text = "The receipt handle you provide is not valid."
    errors = [
        record("Error", ErrorCode="ReceiptHandleError", ErrorMessage=text, ReceiptHandle=receipt)
        for receipt in expired_receipts
    ]
    return document("Errors", errors, 404)


def _text(value: object) -> str:
    return escape(str(value), {"\r": "&#13;"})
