"""Alerts the operators with the right of what needs a person, once for each occurrence (decision 0067)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from chalicelib import log
from chalicelib.domain.accounts.account import Status
from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.notifications.operator_alert import (
    PERMISSIONS,
    AlertKind,
    Condition,
    OperatorAlert,
    conditions_of,
)
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operations.round_robin import rotated, turn_of
from chalicelib.domain.operators.numbered_page import MAX_LISTED
from chalicelib.domain.payments.reversal import Reversal, ReversalState
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.text.days import day_of
from chalicelib.services import outbox
from chalicelib.services.notifications.inbox import notify
from chalicelib.tables import (
    accounts,
    cabinets,
    intents,
    operator_alerts,
    operators,
    reconciliation,
    reversals,
    station_listings,
    stations,
)
from chalicelib.tables.atomic import MAX_ITEMS, Transaction, atomic
from chalicelib.tables.dynamodb import fetch_all, fetch_many, fetch_one
from chalicelib.world import World
from chalicelib.world.time_left import SecondsLeft

SCOPE_SECONDS = 10.0
"""A run begins no scope when it has less time left. The next run goes on with another scope."""
RUN_MINUTES = 5
"""A run comes every five minutes. By the minute, five scopes would always begin with the same one."""
MAX_NEW = 50
"""How many alerts of one scope a run raises. The others follow with the next runs."""
NOTIFIED_AT_ONCE = MAX_ITEMS - 1
DAYS_BACK = 7


@dataclass(frozen=True)
class ScopeConditions:
    """What needs a person in one scope."""

    conditions: Sequence[Condition]
    incomplete_kinds: frozenset[AlertKind] = frozenset()
    """The list of these kinds was full. A missing item may still be open, so no alert of them ends."""


def run(world: World, seconds_left: SecondsLeft) -> int:
    """Compare what needs a person with the open alerts, scope by scope. Returns the number of new alerts.

    A scope that fails does not stop the others. A run that is late, comes twice, or follows one that died half-way
    leads to the same alerts.
    """
    pages = sorted(station_listings.listing_tags().pages)
    scopes: list[tuple[str, Callable[[], ScopeConditions]]] = [
        ("queues", partial(_queues, world)),
        ("money", partial(_money, world)),
        *((f"stations#{page}", partial(_stations, world, page)) for page in pages),
    ]
    receivers = _receivers()
    raised = 0
    for scope, find in rotated(scopes, turn_of(world.now(), RUN_MINUTES)):
        if seconds_left() < SCOPE_SECONDS:
            log.fact("sweep_out_of_time", about=scope)
            break
        try:
            raised += compare(world, scope, find(), receivers)
        except Exception as error:  # noqa: BLE001  whatever is wrong with one scope, the others are compared
            log.alarm(Alarm.SWEEP_FAILED, about=scope, error=type(error).__name__)
    return raised


def _receivers() -> Mapping[AlertKind, Sequence[str]]:
    """The ids of the operators who are alerted, in order, by kind."""
    keys = [accounts.account_key(operator.user_id) for operator in operators.not_removed()]
    found = fetch_all(keys)
    active = [account for key in keys if (account := found[key]) is not None and account.status is Status.ACTIVE]
    return {
        kind: sorted(account.user_id for account in active if account.has_permission(permission))
        for kind, permission in PERMISSIONS.items()
    }


def compare(world: World, scope: str, found: ScopeConditions, receivers: Mapping[AlertKind, Sequence[str]]) -> int:
    """Raise, repeat and end the alerts of a scope. Returns the number of alerts that are sent to operators."""
    lasting = {condition.alert_id: condition for condition in found.conditions}
    alerts = {alert.alert_id: alert for alert in operator_alerts.stored_in(scope)}
    for alert_id in sorted(alerts.keys() - lasting.keys()):
        if alerts[alert_id].kind not in found.incomplete_kinds:
            atomic(world, partial(_end, world, alerts[alert_id]))
    raised = 0
    for alert_id in sorted(lasting.keys() & alerts.keys()):
        alert, condition = alerts[alert_id], lasting[alert_id]
        if alert.ended_at is not None:
            alert = alert.recurred(condition, world.now(), world.settings())
            raised += not alert.announced
        if alert != alerts[alert_id] or not alert.announced:
            _announce(world, alert, receivers[alert.kind])
    new = [lasting[alert_id] for alert_id in sorted(lasting.keys() - alerts.keys())][:MAX_NEW]
    for condition in new:
        alert = OperatorAlert(scope, condition.alert_id, condition.kind, dict(condition.data), world.now())
        _announce(world, alert, receivers[condition.kind])
    return raised + len(new)


def _end(world: World, alert: OperatorAlert, ops: Transaction) -> None:
    """Stage that the condition is over. An alert that another run changed meanwhile is left to the next run."""
    current = fetch_one(operator_alerts.alert_key(alert.scope, alert.alert_id))
    if current is None or current.version != alert.version:
        return
    if not current.is_damped(world.now(), world.settings()):
        operator_alerts.remove(ops, current)
    elif current.ended_at is None:
        operator_alerts.save(ops, current.with_end(world.now()))


def _announce(world: World, alert: OperatorAlert, user_ids: Sequence[str]) -> None:
    """Store the alert, and notify every operator once: as many as fit into one transaction, which stores how far it
    came. An alert that another run changed meanwhile is as that run stored it."""

    def decide(ops: Transaction) -> bool:
        stored = fetch_one(operator_alerts.alert_key(alert.scope, alert.alert_id))
        if stored is None:
            current = replace(alert, version=0)
        else:
            # Another version is of a run that read the condition later, or notified some operators already.
            current = alert if stored.version == alert.version else stored
        if current.announced:
            # The condition recurred within the window of its alert: the alert is open again, and is not sent again.
            if current != stored:
                operator_alerts.save(ops, current)
            return True
        left = [user_id for user_id in user_ids if user_id > current.last_notified_id]
        part = left[:NOTIFIED_AT_ONCE]
        notified = current.with_notified(part[-1] if part else "", is_last=len(part) == len(left))
        operator_alerts.save(ops, notified)
        for user_id in part:
            notify(ops, world, user_id, alert.kind.notification, alert.data)
        return notified.announced

    while not atomic(world, decide):
        pass
    if not alert.announced:
        log.fact("operators_alerted", about=alert.alert_id)


def _stations(world: World, page: str) -> ScopeConditions:
    return ScopeConditions([*_station_conditions(world, page)])


def _station_conditions(world: World, page: str) -> Iterator[Condition]:
    now, settings = world.now(), world.settings()
    sns = stations.sns_on_page(page)
    found = fetch_all([key for sn in sns for key in (stations.station_key(sn), cabinets.cabinet_key(sn))])
    for sn in sns:
        station = found[stations.station_key(sn)]
        if station is not None:
            cabinet = found[cabinets.cabinet_key(sn)] or Cabinet(sn, station.imei)
            yield from conditions_of(station, cabinet, now, settings)


def _queues(world: World) -> ScopeConditions:
    names = (*map(outbox.dead_letter_name, outbox.CONSUMED), outbox.POISON)
    waiting = [name for name in names if world.queues.waiting(name)]
    return ScopeConditions([Condition(AlertKind.DEAD_LETTERS, name, {"queue": name}) for name in waiting])


def _money(world: World) -> ScopeConditions:
    in_review, reversed_ = intents.needing_review(MAX_LISTED), reversals.in_state(ReversalState.OPEN)
    lists: dict[AlertKind, Sequence[Intent] | Sequence[Reversal]] = {
        AlertKind.PAYMENT_IN_REVIEW: in_review,
        AlertKind.PAYMENT_REVERSED: reversed_,
        AlertKind.PAYMENT_RESTORED: reversed_,
    }
    incomplete_kinds = {kind for kind, items in lists.items() if len(items) >= MAX_LISTED}
    conditions = [*_report_conditions(world), *map(_in_review, in_review), *map(_reversal_condition, reversed_)]
    return ScopeConditions(conditions, frozenset(incomplete_kinds))


def _report_conditions(world: World) -> Iterator[Condition]:
    today = day_of(world.now())
    days = [(today - timedelta(days=back)).isoformat() for back in range(1, DAYS_BACK + 1)]
    reports = fetch_many([reconciliation.report_key(day, gateway) for day in days for gateway in world.gateways])
    for report in reports:
        if report.differs:
            data = {"day": report.day, "gateway": report.gateway}
            yield Condition(AlertKind.RECONCILIATION_DIFFERS, report.name, data)


def _in_review(intent: Intent) -> Condition:
    data = {"gateway": intent.gateway, "amount_paisa": intent.amount_paisa}
    return Condition(AlertKind.PAYMENT_IN_REVIEW, intent.intent_id, data)


def _reversal_condition(reversal: Reversal) -> Condition:
    """Money that a gateway took back (a refund at its desk, a dispute), or has again after a decision."""
    kind = AlertKind.PAYMENT_RESTORED if reversal.restored_paisa else AlertKind.PAYMENT_REVERSED
    amount_paisa = reversal.restored_paisa or reversal.outstanding_paisa or reversal.topup_paisa
    return Condition(kind, reversal.intent_id, {"gateway": reversal.gateway, "amount_paisa": amount_paisa})
