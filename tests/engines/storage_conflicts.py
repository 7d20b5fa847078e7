"""Writes that meet a running transaction of DynamoDB, on demand."""

from infra.local.fault import Fault
from infra.local.simulation import Simulation


def conflicts(storage_faults: Simulation, times: int, operation: str = "") -> None:
    """The next writes conflict, those of the operation or all."""
    storage_faults.faults["dynamodb"] = Fault(times, code="TransactionConflict", path=operation)
