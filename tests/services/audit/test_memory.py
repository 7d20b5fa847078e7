"""An audit holds as much memory for many accounts as for few."""

from dataclasses import replace

import pytest

from chalicelib.services.audit import segment_walks
from chalicelib.services.audit.checks import CHECKS
from tests import remembered_reads
from tests.network import Network
from tests.services.audit.audit_memory import add_accounts, peak_of_audit

FEW, MANY = 150, 1_200
PAGE = 25
"""Small pages, so that the few accounts fill several of them too."""
MAX_GROWTH = 1.25


@pytest.mark.long
def test_the_memory_of_an_audit_does_not_grow_with_the_accounts(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered_reads, "MAX_ANSWER_BYTES", 0)  # answers in memory are the engine's own
    small_pages = tuple(replace(check, page_rows=PAGE) for check in CHECKS)
    monkeypatch.setattr(segment_walks, "CHECKS", small_pages)
    add_accounts(0, FEW)
    peak_of_audit(network.world)
    few_rows, few_bytes = peak_of_audit(network.world)
    add_accounts(FEW, MANY)
    many_rows, many_bytes = peak_of_audit(network.world)
    assert many_rows > 5 * few_rows
    assert many_bytes < MAX_GROWTH * few_bytes
