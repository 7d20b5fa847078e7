"""The outside as the services see it: one Protocol per neighbour, and the frozen World that holds them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from chalicelib.domain.cabinet_protocol.envelope import InboxMessage
from chalicelib.domain.file_type import DecodedImage
from chalicelib.domain.payment_gateway import (
    CallbackRef,
    Checkout,
    GatewayPayment,
    PaymentStatus,
    RefundRequest,
    RefundStatus,
)
from chalicelib.domain.settings import Settings
from chalicelib.domain.topup import Intent
from chalicelib.domain.upload import DirectUpload, StoredFile, UploadKind


class Unavailable(Exception):
    """A neighbour could not be reached or failed before it took effect. `retry_after_seconds` is a hint.

    Raised only where nothing can have happened, or where doing it again is harmless.
    """

    def __init__(self, what: str, retry_after_seconds: int = 30) -> None:
        self.what = what
        self.retry_after_seconds = retry_after_seconds
        super().__init__(what)


class CredentialsRejected(Unavailable):
    """A neighbour does not take our keys: nothing happened, and a person has to mend the configuration."""


class OutcomeUnknown(Exception):
    """The call may have taken effect: a time-out or a broken answer after it was sent."""


class Rejected(Exception):
    """A neighbour said no, for good: sending the same again can't help. `reason` is the vendor's code."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PaymentGateway(Protocol):
    """A place where money comes in. `fetch_payment` never raises for the network: unknown is a value."""

    name: str

    def create_checkout(self, intent: Intent) -> Checkout:
        """Begin a payment. Raises Unavailable (nothing can be paid yet) or Rejected."""
        ...

    def fetch_payment(self, intent: Intent) -> PaymentStatus:
        """The gateway's own word, by our own call to it."""
        ...

    def refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        """Send the refund, once. Never raises for the network; after UNKNOWN only `fetch_refund` may be asked.

        REFUSED for NOT_EXECUTED, from here or from `fetch_refund`, is the one answer after which the same order may
        be sent once more.
        """
        ...

    def fetch_refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        """What became of a refund that was sent, by our own call; UNKNOWN while nothing tells."""
        ...

    def list_payments(self, since: datetime, until: datetime) -> Sequence[GatewayPayment] | None:
        """All payments begun there from `since` on and before `until`; None where there is no list. Raises
        Unavailable."""
        ...

    def parse_callback(self, headers: Mapping[str, str], raw: bytes) -> CallbackRef:
        """What a callback points at: `raw` is its body as it came, or the query of a browser that returns.

        `headers` are in lower case, with `:method` beside them. Raises Problem: webhook_forged where a signature is
        wrong, and what says that it can't be read (malformed_body, unsupported_media_type, invalid_input).
        """
        ...


class Cabinets(Protocol):
    """The kiosks, over the maker's platform. A command accepted is not a command delivered."""

    def eject(self, imei: str, powerbank_sn: str, *, at: datetime) -> None:
        """Ask once, QoS 0. Raises Rejected (surely not sent), Unavailable (surely not sent) or OutcomeUnknown."""
        ...

    def check(self, imei: str) -> None:
        """Ask for a whole snapshot; it comes back through the inbox. Raises like `eject`."""
        ...

    def online(self, imeis: Sequence[str]) -> Mapping[str, bool]:
        """The platform's view of up to 50 cabinets; one it does not know is absent. Raises Unavailable."""
        ...


class Inbox(Protocol):
    """The queue the hardware platform fills (MNS): at least once, unordered, poison possible."""

    def receive(self, wait_seconds: int) -> Sequence[InboxMessage]:
        """Up to 16 messages, waiting at most `wait_seconds` (0-30); empty when there are none. Raises Unavailable."""
        ...

    def delete(self, messages: Sequence[InboxMessage]) -> None:
        """Forget messages whose content is durable with us; one whose receipt expired simply comes again."""
        ...


class Queues(Protocol):
    """Our own queues (SQS). `send` returns only when every message is durable."""

    def send(self, queue: str, bodies: Sequence[Mapping[str, Any]]) -> None:
        """Raises Unavailable when any message was not surely taken; sending all again is harmless."""
        ...


class Sms(Protocol):
    """Text messages."""

    def send(self, to: str, text: str) -> None:
        """`to` is E.164. Raises Unavailable (try later), Rejected (never for this number), OutcomeUnknown (may have
        gone out)."""
        ...


class Mail(Protocol):
    """E-mail: plain text, one receiver."""

    def send(self, to: str, subject: str, text: str) -> None:
        """`to` is ASCII. Raises Unavailable (try later), Rejected (never to this address), OutcomeUnknown (may have
        gone out)."""
        ...


class InvalidMessage(Exception):
    """A neighbour can't take what we said, whoever it is for: our own mistake. `reason` is the vendor's code."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PushService(Protocol):
    """Notifications on people's devices."""

    def send(self, token: str, title: str, body: str, data: Mapping[str, str]) -> None:
        """To one device. Of two with the same `data["notification_id"]` the device shows the later one only.

        Raises Rejected (this token never again), InvalidMessage (this message to nobody), CredentialsRejected or
        Unavailable (try later), or OutcomeUnknown (may have gone out).
        """
        ...


class Media(Protocol):
    """The media store. What is private is kept under authenticated delivery: nobody gets it without a signed link."""

    def store(self, content: bytes, *, public_id: str, kind: UploadKind, private: bool) -> StoredFile:
        """Store a file. Same id, same content: harmless twice. Raises Unavailable or Rejected."""
        ...

    def sign(self, public_id: str, *, kind: UploadKind, private: bool, formats: Sequence[str]) -> DirectUpload:
        """Let a client store one file there, once, in one of these formats. No call out."""
        ...

    def fetch_file(self, public_id: str, *, kind: UploadKind, private: bool) -> StoredFile | None:
        """What lies there, by our own call; None when nothing does. Raises Unavailable."""
        ...

    def link(self, public_id: str, format_: str, *, kind: UploadKind) -> str:
        """The address of a public file, for everybody and for good. No call out."""
        ...

    def public_id_from_url(self, url: str) -> str | None:
        """The public_id of the public image whose plain address, as `link` writes it, this is. No call out."""
        ...

    def private_link(self, public_id: str, format_: str, *, until: datetime) -> str:
        """A signed link to a private image that stops working at `until`. No call out."""
        ...

    def forget(self, public_id: str, *, kind: UploadKind, private: bool) -> None:
        """Delete the file there and take it off the delivery network. One that is unknown there is fine.

        Raises Unavailable: whatever happened, the same again is harmless.
        """
        ...


class Images(Protocol):
    """What looks into pictures. No call out."""

    def clean(self, content: bytes, *, max_pixels: int) -> DecodedImage:
        """The picture alone, upright: no place, no camera, no comment, nothing hidden around it.

        Raises Rejected for what is no sound JPEG, PNG or WebP, or has more pixels; those are counted before any is
        decoded.
        """
        ...


class Tokens(Protocol):
    """Signed short-lived claims, a key ring behind them."""

    def sign(self, claims: Mapping[str, Any], *, audience: str, until: datetime) -> str: ...

    def read(self, token: str, *, audience: str) -> Mapping[str, Any]:
        """The claims. Raises Problem("token_expired") or Problem("unauthenticated")."""
        ...


class Vault(Protocol):
    """Encryption of the few fields nobody may read in a table dump."""

    def seal(self, plain: str, *, about: str) -> str:
        """`about` is bound into the seal (a user id): a sealed value moved to another row does not open."""
        ...

    def open(self, sealed: str, *, about: str) -> str: ...


class KeyedDigests(Protocol):
    """Keyed digests, so that tables hold no phone numbers and codes can be derived instead of stored."""

    def digest(self, purpose: str, *parts: str) -> bytes:
        """HMAC-SHA256 under the pepper of `purpose`; the parts can't run into each other."""
        ...


@dataclass(frozen=True)
class PublicUrls:
    """Addresses of ours: where the API answers, and where a browser may be sent back to."""

    api_url: str
    app_return_urls: tuple[str, ...]
    cors_origins: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """Everything outside us, passed first to every verb."""

    now: Callable[[], datetime]
    new_id: Callable[[], str]
    """Unique and sorted by time: 26 characters."""
    random_bytes: Callable[[int], bytes]
    pause: Callable[[float], None]
    settings: Callable[[], Settings]
    urls: PublicUrls
    tokens: Tokens
    vault: Vault
    digests: KeyedDigests
    queues: Queues
    inbox: Inbox
    cabinets: Cabinets
    sms: Sms
    mail: Mail
    push: PushService
    media: Media
    images: Images
    gateways: Mapping[str, PaymentGateway]
