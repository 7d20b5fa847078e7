"""A simulated MNS: its XML protocol for one queue, with checked signatures, for the real SDK."""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as Xml

from flask import Flask, Response, request

from infra.local.cabinets.mns_queue import DeliveredMessage, MnsQueue, ReceiptGone
from infra.local.cabinets.mns_xml import answer, batch_deleted, document, error, message, record
from infra.local.simulation import Simulation

MAX_BATCH = 16
MAX_WAIT_SECONDS = 30
MAX_INVISIBLE_SECONDS = 43200
SKEW_SECONDS = 15 * 60
KEY_ID = "sandbox-mns-key"
KEY_SECRET = "sandbox-mns-secret"

Verb = Callable[[MnsQueue, dict[str, str]], Response]


class MnsError(Exception):
    """A request that MNS rejects: HTTP status, code and message."""

    def __init__(self, status: int, code: str, text: str) -> None:
        self.status, self.code, self.text = status, code, text
        super().__init__(code)


def mns_app(simulation: Simulation, queue: MnsQueue, key_id: str = KEY_ID, key_secret: str = KEY_SECRET) -> Flask:
    """The service at the root of its own port. It has one queue and creates or removes none."""
    app = Flask("mns")

    def respond(name: str, verb: Verb) -> Response:
        try:
            _must_be_signed(key_id, key_secret)
            _must_be(queue, name)
            return verb(queue, _query())
        except MnsError as e:
            return error(e.status, e.code, e.text)
        except ReceiptGone:
            return error(400, "ReceiptHandleError", "The receipt handle you provide is not valid.")
        except Xml.ParseError:
            return error(400, "MalformedXML", "The XML you provided was not well-formed.")

    @app.route("/queues/<name>/messages", methods=["GET", "POST", "PUT", "DELETE"])
    @simulation.calling("mns")
    def messages(name: str) -> Response:
        return respond(name, VERBS[request.method])

    @app.get("/queues/<name>")
    @simulation.calling("mns")
    def attributes(name: str) -> Response:
        return respond(name, _attributes)

    return app


def _must_be(queue: MnsQueue, name: str) -> None:
    if name != queue.name:
        raise MnsError(404, "QueueNotExist", "The queue name you provided is not exist.")


def _must_be_signed(key_id: str, key_secret: str) -> None:
    """The signature covers the URI exactly as it was sent. Raises MnsError."""
    content_md5 = request.headers.get("Content-Md5", "")
    body = request.get_data()
    if content_md5:
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
        if content_md5 != base64.b64encode(digest.encode()).decode():
            raise MnsError(400, "InvalidDegist", "The Content-MD5 you specified is not valid.")
    date = request.headers.get("Date", "")
    try:
        sent_at = parsedate_to_datetime(date).timestamp()
    except ValueError:
        raise MnsError(400, "InvalidDateHeader", "The date header is not valid.") from None
    if abs(time.time() - sent_at) > SKEW_SECONDS:
        raise MnsError(408, "TimeExpired", "The request time is too far from the server's.")
    own = sorted((name.lower(), value) for name, value in request.headers if name.lower().startswith("x-mns-"))
    text = "\n".join([request.method, content_md5, request.headers.get("Content-Type", ""), date, ""])
    text += "".join(f"{name}:{value}\n" for name, value in own) + request.environ["RAW_URI"]
    signed = base64.b64encode(hmac.new(key_secret.encode(), text.encode(), hashlib.sha1).digest()).decode()
    authorization = re.fullmatch(r"MNS ([^:]+):(\S+)", request.headers.get("Authorization", ""))
    if authorization is None:
        raise MnsError(400, "InvalidAuthorizationHeader", "The Authorization header is not valid.")
    if authorization[1] != key_id:
        raise MnsError(403, "InvalidAccessKeyId", "The AccessKeyId you provided does not exist.")
    if not hmac.compare_digest(authorization[2], signed):
        raise MnsError(403, "SignatureDoesNotMatch", "The signature does not match.")


def _query() -> dict[str, str]:
    """The query's parameters. The SDK escapes nothing, so a `+` is a plus."""
    _, _, text = request.environ["RAW_URI"].partition("?")
    return dict(part.partition("=")[::2] for part in text.split("&") if part)


def _number(query: dict[str, str], name: str, low: int, high: int) -> int:
    text = query[name]
    if not text.isdecimal() or not low <= int(text) <= high:
        raise MnsError(400, "InvalidArgument", f"The value of {name} should between {low} and {high} seconds/bytes.")
    return int(text)


def _read_xml() -> Xml.Element:
    return Xml.fromstring(request.get_data())  # noqa: S314 - only our own SDK speaks to it, over loopback


def _receive(queue: MnsQueue, query: dict[str, str]) -> Response:
    batched = "numOfMessages" in query
    most = _number(query, "numOfMessages", 1, MAX_BATCH) if batched else 1
    wait = _number(query, "waitseconds", 0, MAX_WAIT_SECONDS) if "waitseconds" in query else 0
    peeked = query.get("peekonly") == "true"
    messages = queue.peek(most) if peeked else queue.receive(most, wait)
    if not messages:
        raise MnsError(404, "MessageNotExist", "Message not exist.")
    parts = [message(handed, peeked=peeked) for handed in messages]
    return document("Messages", parts) if batched else answer(200, parts[0])


def _send(queue: MnsQueue, query: dict[str, str]) -> Response:
    del query
    root = _read_xml()
    space = root.tag.partition("}")[0] + "}"
    batched = root.tag.endswith("Messages")
    parts = root.findall(f"{space}Message") if batched else [root]
    if not 0 < len(parts) <= MAX_BATCH:
        raise MnsError(400, "InvalidArgument", "The value of Messages should between 1 and 16")
    sent: list[DeliveredMessage] = []
    for part in parts:
        body = part.findtext(f"{space}MessageBody") or ""
        delay = part.findtext(f"{space}DelaySeconds") or "0"
        try:
            sent.append(queue.enqueue(body, float(delay)))
        except ValueError:
            raise MnsError(400, "InvalidArgument", "The value of Message should between 1 and 65536") from None
    answers = [record("Message", MessageId=m.message_id, MessageBodyMD5=m.md5) for m in sent]
    return document("Messages", answers, 201) if batched else answer(201, answers[0])


def _delete(queue: MnsQueue, query: dict[str, str]) -> Response:
    if "ReceiptHandle" in query:
        queue.delete(query["ReceiptHandle"])
        return answer(204)
    root = _read_xml()
    receipts = [part.text or "" for part in root]
    if not 0 < len(receipts) <= MAX_BATCH:
        raise MnsError(400, "InvalidArgument", "The value of ReceiptHandles should between 1 and 16")
    expired_receipts: list[str] = []
    for receipt in receipts:
        try:
            queue.delete(receipt)
        except ReceiptGone:
            expired_receipts.append(receipt)
    return batch_deleted(expired_receipts)


def _change_visibility(queue: MnsQueue, query: dict[str, str]) -> Response:
    seconds = _number(query, "VisibilityTimeout", 0, MAX_INVISIBLE_SECONDS)
    handed = queue.change_visibility(query["ReceiptHandle"], seconds)
    changed = record("ChangeVisibility", ReceiptHandle=handed.receipt, NextVisibleTime=handed.next_visible_ms)
    return answer(200, changed)


VERBS: dict[str, Verb] = {
    "GET": _receive,
    "POST": _send,
    "DELETE": _delete,
    "PUT": _change_visibility,
}


def _attributes(queue: MnsQueue, query: dict[str, str]) -> Response:
    del query
    counts = queue.counts()
    return answer(
        200,
        record(
            "Queue",
            ActiveMessages=counts.visible,
            InactiveMessages=counts.invisible,
            DelayMessages=0,
            CreateTime=0,
            LastModifyTime=0,
            DelaySeconds=0,
            MaximumMessageSize=65536,
            MessageRetentionPeriod=345600,
            VisibilityTimeout=int(queue.visibility_seconds),
            PollingWaitSeconds=0,
            LoggingEnabled=False,
            QueueName=queue.name,
        ),
    )
