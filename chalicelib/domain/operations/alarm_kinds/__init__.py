"""How urgent every alarm is, what it means and what an operator does.

The deployment template and `docs/runbook.md` are made from this table.

* One alarm: `kind`
* The alarms by noun: `rentals`, `money`, `system`
"""

from collections.abc import Mapping

from chalicelib.domain.operations.alarm_kinds.kind import AlarmKind, Severity
from chalicelib.domain.operations.alarm_kinds.money import MONEY
from chalicelib.domain.operations.alarm_kinds.rentals import RENTALS
from chalicelib.domain.operations.alarm_kinds.system import SYSTEM
from chalicelib.domain.operations.alarms import Alarm

__all__ = ["ALARM_KINDS", "AlarmKind", "Severity"]

_BY_ALARM = {**RENTALS, **MONEY, **SYSTEM}
ALARM_KINDS: Mapping[Alarm, AlarmKind] = {alarm: _BY_ALARM[alarm] for alarm in Alarm}
