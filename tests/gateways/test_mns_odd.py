"""Answers of MNS that can't be read, and refusals that are known: each raises Unavailable, and none another error."""

import re

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.envelope import InboxMessage
from chalicelib.gateways.mns import MnsInbox
from chalicelib.world import Unavailable, UnreadableBatch
from tests.gateways.odd_server import OddServer

SPACE = 'xmlns="http://mns.aliyuncs.com/doc/v1/"'
NUMBERS = "".join(
    f"<{name}>1</{name}>"
    for name in ("EnqueueTime", "NextVisibleTime", "FirstDequeueTime", "DequeueCount", "Priority")
)
MESSAGE = (
    "<MessageId>1</MessageId><ReceiptHandle>r</ReceiptHandle><MessageBody>body</MessageBody>"
    f"<MessageBodyMD5>x</MessageBodyMD5>{NUMBERS}"
)


def listed(*messages: str) -> str:
    content = "".join(f"<Message>{message}</Message>" for message in messages)
    return f'<?xml version="1.0"?><Messages {SPACE}>{content}</Messages>'


def changed(field: str, content: str) -> str:
    return re.sub(f"<{field}>.*?</{field}>", f"<{field}>{content}</{field}>", MESSAGE)


UNREADABLE: dict[str, str | bytes] = {
    "elements in a body": listed(MESSAGE, changed("MessageBody", "<b>x</b>")),
    "an empty body": listed(MESSAGE, changed("MessageBody", "")),
    "no receipt": listed(changed("ReceiptHandle", "")),
    "a count in words": listed(changed("DequeueCount", "once")),
    "a count of 5,000 digits": listed(changed("DequeueCount", "9" * 5_000)),
    "a character that XML has not": listed(changed("MessageBody", "\x01")),
    "half an answer": listed(MESSAGE)[:-30],
    "an entity from a file": '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    + listed(changed("MessageBody", "&x;")).partition("?>")[2],
    "a page": "<html>",
    "one element in another": "<a>" * 50_000,
}


def inbox(odd_server: OddServer) -> MnsInbox:
    return MnsInbox(odd_server.url[:-1], queue="q", key_id="key", key_secret="secret")


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_answer_that_can_not_be_read_raises_unreadable_batch(kind: str, odd_server: OddServer) -> None:
    odd_server.answers_with(UNREADABLE[kind], 200, {"Content-Type": "text/xml"})
    with pytest.raises(UnreadableBatch):
        inbox(odd_server).receive(0)


def test_an_answer_that_is_no_text_raises_unavailable(odd_server: OddServer) -> None:
    odd_server.answers_with(listed(MESSAGE).encode().replace(b"body<", b"\xff\xfe<"), 200)
    with pytest.raises(Unavailable):
        inbox(odd_server).receive(0)


@pytest.mark.parametrize("body", ["<html>", "", f"<Errors {SPACE}></Errors>", f"<Errors {SPACE}><Error/></Errors>"])
def test_an_odd_answer_to_a_deletion_raises_unavailable(body: str, odd_server: OddServer) -> None:
    odd_server.answers_with(body, 404)
    with pytest.raises(Unavailable):
        inbox(odd_server).delete([InboxMessage("1", "body", "r", 1)])
