"""What a sandbox is started with."""

from dataclasses import dataclass, field
from pathlib import Path

from infra.local.addresses import Addresses
from infra.local.aws.storage_faults import FaultsEach


@dataclass(frozen=True)
class SandboxOptions:
    """The command line's options."""

    addresses: Addresses = field(default_factory=Addresses)
    dynamodb: str = "moto"
    seed: str = "demo"
    data_dir: Path | None = None
    quiet: bool = False
    dead_connections: bool = False
    faults_each: FaultsEach = field(default_factory=FaultsEach)
