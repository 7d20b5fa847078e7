"""The inbox over the real SDK, against the sandbox's MNS."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from mns.account import Account
from mns.mns_exception import MNSServerException
from mns.queue import Message

from chalicelib.domain.cabinets.cabinet_protocol.envelope import InboxMessage
from chalicelib.gateways.mns import MnsInbox
from chalicelib.world import Inbox, Unavailable
from infra.local.cabinets.mns_queue import Counts, MnsQueue
from infra.local.cabinets.mns_server import KEY_ID, KEY_SECRET, mns_app
from infra.local.fault import Fault
from infra.local.serving import Serving
from infra.local.simulation import Simulation


@pytest.fixture
def simulation() -> Simulation:
    return Simulation()


@pytest.fixture
def queue() -> MnsQueue:
    return MnsQueue()


@pytest.fixture
def server(simulation: Simulation, queue: MnsQueue) -> Iterator[Serving]:
    serving = Serving(mns_app(simulation, queue)).start()
    yield serving
    serving.stop()


@pytest.fixture
def inbox(server: Serving, queue: MnsQueue) -> Inbox:
    return MnsInbox(server.url, queue=queue.name, key_id=KEY_ID, key_secret=KEY_SECRET)


def bodies(messages: list[InboxMessage] | tuple[InboxMessage, ...]) -> list[str]:
    return [message.body for message in messages]


def test_an_empty_queue_gives_no_message(inbox: Inbox) -> None:
    assert list(inbox.receive(0)) == []


def test_bodies_arrive_unchanged_also_poison_ones(inbox: Inbox, queue: MnsQueue) -> None:
    sent = ["eyJhIjoxfQ==", '{"a": "<b>&amp;</b>"}', "not base64 %%%", "नमस्ते", " two\r\nlines "]
    for body in sent:
        queue.enqueue(body)
    assert bodies(list(inbox.receive(0))) == sent


def test_a_received_message_is_invisible_until_its_time_out(inbox: Inbox, queue: MnsQueue) -> None:
    queue.enqueue("one")
    (first,) = inbox.receive(0)
    assert list(inbox.receive(0)) == []
    assert queue.counts() == Counts(visible=0, invisible=1)
    queue.reappear()
    (again,) = inbox.receive(0)
    assert (again.message_id, again.dequeue_count) == (first.message_id, 2)
    assert again.receipt != first.receipt
    inbox.delete([again])
    assert queue.counts() == Counts(visible=0, invisible=0)


def test_sixteen_messages_arrive_at_once_and_any_number_is_deleted(inbox: Inbox, queue: MnsQueue) -> None:
    for n in range(40):
        queue.enqueue(str(n))
    batches = [inbox.receive(0) for _ in range(4)]
    assert [len(batch) for batch in batches] == [16, 16, 8, 0]
    inbox.delete([message for batch in batches for message in batch])
    assert queue.counts() == Counts(visible=0, invisible=0)


def test_an_expired_receipt_does_not_stop_other_deletes(inbox: Inbox, queue: MnsQueue) -> None:
    queue.enqueue("slow")
    queue.enqueue("quick")
    slow, quick = inbox.receive(0)
    inbox.delete([InboxMessage(slow.message_id, slow.body, "1-" + slow.message_id, 1), quick])
    assert queue.counts() == Counts(visible=0, invisible=1)
    inbox.delete([quick])
    inbox.delete([slow])
    inbox.delete([])
    assert queue.counts() == Counts(visible=0, invisible=0)


def test_a_long_poll_wakes_when_a_message_arrives(inbox: Inbox, queue: MnsQueue) -> None:
    messages: list[InboxMessage] = []
    waiting = threading.Thread(target=lambda: messages.extend(inbox.receive(30)))
    waiting.start()
    queue.enqueue("late")
    waiting.join(timeout=60)
    assert bodies(messages) == ["late"]


def test_many_threads_share_one_inbox_without_losing_a_message(inbox: Inbox, queue: MnsQueue) -> None:
    for n in range(64):
        queue.enqueue(str(n))
    names: list[str] = []

    def work() -> None:
        while messages := inbox.receive(0):
            names.extend(message.body for message in messages)
            inbox.delete(messages)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(names, key=int) == [str(n) for n in range(64)]
    assert queue.counts() == Counts(visible=0, invisible=0)


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_failing_service_raises_unavailable(
    inbox: Inbox, queue: MnsQueue, simulation: Simulation, status: int
) -> None:
    queue.enqueue("one")
    (message,) = inbox.receive(0)
    simulation.faults["mns"] = Fault(times=2, status=status)
    with pytest.raises(Unavailable):
        inbox.receive(0)
    with pytest.raises(Unavailable):
        inbox.delete([message])
    inbox.delete([message])
    assert queue.counts() == Counts(visible=0, invisible=0)


@pytest.mark.parametrize(
    ("key_id", "key_secret", "name"),
    [("other", KEY_SECRET, None), (KEY_ID, "other", None), (KEY_ID, KEY_SECRET, "other")],
)
def test_wrong_keys_and_queues_raise_unavailable(
    server: Serving, queue: MnsQueue, key_id: str, key_secret: str, name: str | None
) -> None:
    inbox = MnsInbox(server.url, queue=name or queue.name, key_id=key_id, key_secret=key_secret)
    with pytest.raises(Unavailable):
        inbox.receive(0)
    with pytest.raises(Unavailable):
        inbox.delete([InboxMessage("1", "body", "1-1", 1)])


def test_a_refused_connection_raises_unavailable_too(server: Serving, inbox: Inbox) -> None:
    assert list(inbox.receive(0)) == []
    server.stop()
    with pytest.raises(Unavailable):
        inbox.receive(0)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_silent_service_raises_unavailable_over_tls_too(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}"
        inbox = MnsInbox(url, queue="q", key_id=KEY_ID, key_secret=KEY_SECRET, read_timeout_seconds=0.1)
        with pytest.raises(Unavailable):
            inbox.receive(0)


def test_deletes_are_lost_and_messages_shuffled_on_demand(inbox: Inbox, queue: MnsQueue) -> None:
    queue.deletes_to_lose, queue.shuffled = 1, True
    queue.enqueue("one")
    inbox.delete(inbox.receive(0))
    queue.reappear()
    again = inbox.receive(0)
    assert bodies(list(again)) == ["one"]
    inbox.delete(again)
    assert queue.counts() == Counts(visible=0, invisible=0)


def test_the_rest_of_the_sdk_works_too(server: Serving, queue: MnsQueue) -> None:
    account = Account(server.url, KEY_ID, KEY_SECRET)
    sdk: Any = account.get_queue(queue.name)
    sdk.send_message(Message("first"))
    sdk.batch_send_message([Message("second"), Message("third")])
    assert {peeked.message_body for peeked in sdk.batch_peek_message(16)} == {b"first", b"second", b"third"}
    message = sdk.receive_message(0)
    changed = sdk.change_message_visibility(message.receipt_handle, 100)
    with pytest.raises(MNSServerException, match="ReceiptHandleError"):
        sdk.delete_message(message.receipt_handle)
    sdk.delete_message(changed.receipt_handle)
    assert queue.counts() == Counts(visible=2, invisible=0)
    with pytest.raises(MNSServerException, match="InvalidArgument"):
        sdk.receive_message(31)
    with pytest.raises(MNSServerException, match="InvalidArgument"):
        sdk.batch_receive_message(17, 0)
    account.get_client().close_connection()
