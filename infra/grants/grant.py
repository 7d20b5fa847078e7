"""The rights of one function, from which `infra/policy.py` writes its policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Grants:
    """What one function does at AWS. Every function may also read the secrets.

    `tables` lists DynamoDB actions by table, as in `rentals`, or by index, as in `rentals/waiting`. A transaction
    needs the actions of its writes. `atomic` also reads the tables that it writes (BatchGetItem), and a conditional
    write its row (GetItem), to learn whether a write whose answer was lost took effect.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    sends: tuple[str, ...] = ()
    """The queues to which it sends."""
    consumes: str | None = None
    """The queue whose messages it handles."""
    watches: tuple[str, ...] = ()
    """The queues and dead-letter queues whose messages it counts."""
    reads_logs: bool = False
    """Whether it searches the log group of all functions."""
    redrives: tuple[str, ...] = ()
    """The queues whose dead letters it reads, and deletes when they go back to their queue."""
    seals: bool = False
    """Whether it encrypts and decrypts with the vault's key."""
    mails: bool = False
