"""The outside as the services see it: one Protocol for each external service, and the frozen World that holds them
all.

* Protocols: `payments`, `hardware`, `messaging`, `media`, `html`, `cryptography`, `monitoring`, `dead_letters`
* For all calls: `failures` (the errors that they raise), `time_left` (how long the run may last)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.problems.problems import DEFAULT_PROBLEMS_URL
from chalicelib.world.cryptography import KeyedDigests, Tokens, Vault
from chalicelib.world.dead_letters import DeadLetters
from chalicelib.world.failures import (
    CredentialsRejected,
    InvalidMessage,
    OutcomeUnknown,
    ReceiverUnavailable,
    Rejected,
    Unavailable,
    UnreadableBatch,
)
from chalicelib.world.hardware import Cabinets, Inbox
from chalicelib.world.html import Html
from chalicelib.world.media import Images, Media
from chalicelib.world.messaging import Mail, PushService, Queues, Sms
from chalicelib.world.monitoring import Logs
from chalicelib.world.payments import PaymentGateway

__all__ = [
    "Cabinets",
    "CredentialsRejected",
    "DeadLetters",
    "Html",
    "Images",
    "Inbox",
    "InvalidMessage",
    "KeyedDigests",
    "Logs",
    "Mail",
    "Media",
    "OutcomeUnknown",
    "PaymentGateway",
    "PublicUrls",
    "PushService",
    "Queues",
    "ReceiverUnavailable",
    "Rejected",
    "Sms",
    "Tokens",
    "Unavailable",
    "UnreadableBatch",
    "Vault",
    "World",
]


@dataclass(frozen=True)
class PublicUrls:
    """The addresses of the API, of the pages a browser may return to, and of the pages that may call the API.

    `problems_url` is the page of all problems.
    """

    api_url: str
    app_return_urls: tuple[str, ...]
    cors_origins: tuple[str, ...]
    problems_url: str = DEFAULT_PROBLEMS_URL


@dataclass(frozen=True)
class World:
    """Everything outside the service except its tables. A verb that needs any of it takes it first."""

    now: Callable[[], datetime]
    new_id: Callable[[], str]
    """A unique id of 26 characters. Ids sort by the time at which they were made."""
    random_bytes: Callable[[int], bytes]
    pause: Callable[[float], None]
    """Waits for a number of seconds."""
    settings: Callable[[], Settings]
    urls: PublicUrls
    tokens: Tokens
    vault: Vault
    digests: KeyedDigests
    queues: Queues
    dead_letters: DeadLetters
    inbox: Inbox
    cabinets: Cabinets
    sms: Sms
    mail: Mail
    push: PushService
    media: Media
    images: Images
    html: Html
    logs: Logs
    gateways: Mapping[str, PaymentGateway]
