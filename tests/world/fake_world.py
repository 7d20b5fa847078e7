"""A World of fakes that record their calls, with a clock that moves only on demand."""

import hashlib
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.domain.cabinets.cabinet_http import ConnectionData
from chalicelib.domain.cabinets.cabinet_protocol.envelope import InboxMessage
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.text.ids import ulid
from chalicelib.gateways.jwt_tokens import JwtTokens
from chalicelib.gateways.keyed_digests import HmacDigests
from chalicelib.gateways.nh3 import Nh3Html
from chalicelib.gateways.pillow import PillowImages
from chalicelib.world import PaymentGateway, PublicUrls, Unavailable, UnreadableBatch, World
from chalicelib.world.hardware import MAX_RECEIVED
from chalicelib.world.monitoring import FoundLines, LogLine
from infra.local.aws.aws_account import KEY_ID
from infra.local.aws.iam import LOG_GROUP, key_arn, log_group_arn, table_arn
from tests.engines.function_rights import ACCESS, PREFIX
from tests.world.fake_queues import FakeDeadLetters, FakeQueues
from tests.world.fakes import FakeGateway, FakeMail, FakeMedia, FakePush, FakeSms

BEGINNING = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PEPPER = "a pepper for tests only, long enough"
KEYS = {"k1": "a signing key for tests only, long enough"}
ID_LOCK = threading.Lock()
"""Sweeps work on several threads, and no two of them may get one id."""


@dataclass
class FakeClock:
    """A clock that moves only on demand."""

    at: datetime = BEGINNING

    def now(self) -> datetime:
        return self.at

    def advance(self, **length: float) -> datetime:
        self.at += timedelta(**length)
        return self.at


@dataclass
class FakeInbox:
    """The messages of the hardware platform, in the order in which they were put in."""

    waiting: deque[InboxMessage] = field(default_factory=deque)
    deleted: list[str] = field(default_factory=list)
    unavailable: bool = False
    unreadable_id: str = ""
    """A message that damages every answer that it is in. All messages of the answer come again."""

    def run(self) -> AbstractContextManager[None]:
        return nullcontext()

    def receive(self, wait_seconds: int, at_most: int = MAX_RECEIVED) -> Sequence[InboxMessage]:
        if self.unavailable:
            raise Unavailable("mns")
        received = [self.waiting.popleft() for _ in range(min(at_most, len(self.waiting)))]
        if self.unreadable_id in [message.message_id for message in received]:
            self.waiting += received
            raise UnreadableBatch("mns")
        return received

    def delete(self, messages: Sequence[InboxMessage]) -> None:
        self.deleted += [message.message_id for message in messages]


@dataclass
class FakeCabinets:
    """Records every eject and check. `fails` is raised instead. `on_eject` is called at each eject."""

    ejects: list[tuple[str, str]] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    echoes: list[tuple[str, str, bytes]] = field(default_factory=list)
    commands: list[tuple[str, bytes]] = field(default_factory=list)
    fails: Exception | None = None
    on_eject: Callable[[str, str], None] | None = None

    @property
    def orders_count(self) -> int:
        """How many orders were sent to cabinets."""
        return len(self.ejects) + len(self.checks) + len(self.commands)

    def eject(self, imei: str, powerbank_sn: str, *, at: datetime) -> None:
        self.ejects.append((imei, powerbank_sn))
        if self.fails is not None:
            raise self.fails
        if self.on_eject is not None:
            self.on_eject(imei, powerbank_sn)

    def check(self, imei: str) -> None:
        self.checks.append(imei)

    def command(self, imei: str, content: bytes) -> None:
        self.commands.append((imei, content))
        if self.fails is not None:
            raise self.fails

    def echo(self, imei: str, topic: str, frame: bytes) -> None:
        if self.fails is not None:
            raise self.fails
        self.echoes.append((imei, topic, frame))

    def credentials(self, imei: str) -> ConnectionData:
        if self.fails is not None:
            raise self.fails
        return ConnectionData(imei, "pk", "pk.example.com", 1883, f"{imei}&pk", "password", 1_705_661_910_800)

    def online(self, imeis: Sequence[str]) -> Mapping[str, bool]:
        return dict.fromkeys(imeis, True)


class FakeVault:
    """Its ciphertext names the user id that it is bound to."""

    def seal(self, plain: str, *, about: str) -> str:
        ACCESS.require("kms:Encrypt", key_arn(KEY_ID))
        return f"{about}:{plain[::-1]}"

    def open(self, sealed: str, *, about: str) -> str:
        ACCESS.require("kms:Decrypt", key_arn(KEY_ID))
        owner, _, text = sealed.partition(":")
        if owner != about:
            raise ValueError("sealed for another")
        return text[::-1]


@dataclass
class FakeLogs:
    """The lines that the functions wrote, in the order of their times."""

    lines: list[LogLine] = field(default_factory=list)
    unavailable: bool = False

    def write(self, at: datetime, source: str = "api_handler", text: str = "", **fields: object) -> None:
        number = f"{len(self.lines)}"
        self.lines.append(LogLine(number, at, source, text or json.dumps(fields), fields))

    def find(self, fields: Mapping[str, str | None], *, since: datetime, until: datetime) -> FoundLines:
        ACCESS.require("logs:FilterLogEvents", log_group_arn(LOG_GROUP))
        if self.unavailable:
            raise Unavailable("logs")
        lines = [
            line
            for line in self.lines
            if since <= line.at <= until
            and (not fields or line.fields)
            and all(line.fields.get(name) == value for name, value in fields.items())
        ]
        return FoundLines(sorted(lines, key=lambda line: line.at), complete=True)


@dataclass
class FakeWorld:
    """A World and the fakes in it."""

    clock: FakeClock = field(default_factory=FakeClock)
    queues: FakeQueues = field(default_factory=FakeQueues)
    inbox: FakeInbox = field(default_factory=FakeInbox)
    cabinets: FakeCabinets = field(default_factory=FakeCabinets)
    sms: FakeSms = field(default_factory=FakeSms)
    mail: FakeMail = field(default_factory=FakeMail)
    push: FakePush = field(default_factory=FakePush)
    media: FakeMedia = field(default_factory=FakeMedia)
    logs: FakeLogs = field(default_factory=FakeLogs)
    khalti: FakeGateway = field(default_factory=lambda: FakeGateway("khalti"))
    esewa: FakeGateway = field(default_factory=lambda: FakeGateway("esewa"))
    stripe: FakeGateway = field(default_factory=lambda: FakeGateway("stripe"))
    settings: Settings = field(default_factory=Settings)
    ids_count: int = 0
    """How many ids and random values were made."""
    on_pause: Callable[[], None] | None = None

    def world(self) -> World:
        gateways: dict[str, PaymentGateway] = {
            "khalti": self.khalti,
            "esewa": self.esewa,
            "stripe": self.stripe,
        }
        return World(
            now=self.clock.now,
            new_id=self._new_id,
            random_bytes=self._random,
            pause=self._pause,
            settings=self._settings,
            urls=PublicUrls("https://api.example.com", ("bijuli://topup",), ("https://ops.example.com",)),
            tokens=JwtTokens(KEYS, self.clock.now),
            vault=FakeVault(),
            digests=HmacDigests(PEPPER),
            queues=self.queues,
            dead_letters=FakeDeadLetters(lambda: self.queues),
            inbox=self.inbox,
            cabinets=self.cabinets,
            sms=self.sms,
            mail=self.mail,
            push=self.push,
            media=self.media,
            images=PillowImages(),
            html=Nh3Html(),
            logs=self.logs,
            gateways=gateways,
        )

    def _settings(self) -> Settings:
        ACCESS.require("dynamodb:Query", table_arn(PREFIX + "settings"))
        return self.settings

    def _new_id(self) -> str:
        return ulid(self.clock.now(), self._bytes(10))

    def _bytes(self, count: int) -> bytes:
        with ID_LOCK:
            self.ids_count += 1
            return self.ids_count.to_bytes(count, "big")

    def _random(self, count: int) -> bytes:
        """Bytes that are the same in every run and differ from call to call."""
        return hashlib.shake_128(self._bytes(8)).digest(count)

    def _pause(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)
        if self.on_pause is not None:
            self.on_pause()
