"""Alerts the operators with the right of what needs a person, once for each occurrence (decision 0067)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial

from chalicelib import log
from chalicelib.domain.account import Status
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.cabinet import Cabinet
from chalicelib.domain.days import day_of
from chalicelib.domain.operator_alert import PERMISSIONS, AlertKind, Condition, OperatorAlert, conditions_of
from chalicelib.services import outbox
from chalicelib.services.notifications.inbox import notify
from chalicelib.tables import (
    accounts,
    cabinets,
    intents,
    operator_alerts,
    operators,
    reconciliation,
    station_listings,
    stations,
)
from chalicelib.tables.atomic import MAX_ITEMS, Transaction, atomic
from chalicelib.tables.dynamodb import fetch_found, fetch_many, fetch_one
from chalicelib.world import World

SCOPE_SECONDS = 10.0
"""A run begins no scope when it has less time left. The next run goes on with another scope."""
MAX_NEW = 50
"""How many alerts of one scope a run raises. The others follow with the next runs."""
TOLD_AT_ONCE = MAX_ITEMS - 1
DAYS_BACK = 7
MAX_IN_REVIEW = 50


def run(world: World, seconds_left: Callable[[], float]) -> int:
    """Compare what needs a person with the open alerts, scope by scope. Returns the number of new alerts.

    A scope that fails does not stop the others. A run that comes twice, late or half-way again ends the same.
    """
    pages = sorted(station_listings.listing_tags().pages)
    scopes: list[tuple[str, Callable[[], Iterator[Condition]]]] = [
        ("queues", partial(_queues, world)),
        ("money", partial(_money, world)),
        *((f"stations#{page}", partial(_stations, world, page)) for page in pages),
    ]
    first = int(world.now().timestamp() // 60) % len(scopes)
    receivers = _receivers()
    raised = 0
    for scope, conditions in (*scopes[first:], *scopes[:first]):
        if seconds_left() < SCOPE_SECONDS:
            log.fact("sweep_out_of_time", about=scope)
            break
        try:
            raised += _compare(world, scope, list(conditions()), receivers)
        except Exception as error:  # noqa: BLE001  whatever is wrong with one scope, the others are compared
            log.alarm(Alarm.SWEEP_FAILED, about=scope, error=type(error).__name__)
    return raised


def _receivers() -> Mapping[AlertKind, Sequence[str]]:
    """The ids of the operators who are alerted, in order, by kind."""
    keys = [accounts.account_key(operator.user_id) for operator in operators.present()]
    found = fetch_found(keys)
    active = [account for key in keys if (account := found[key]) is not None and account.status is Status.ACTIVE]
    return {
        kind: sorted(account.user_id for account in active if account.has_permission(permission))
        for kind, permission in PERMISSIONS.items()
    }


def _compare(
    world: World, scope: str, conditions: Sequence[Condition], receivers: Mapping[AlertKind, Sequence[str]]
) -> int:
    lasting = {condition.alert_id: condition for condition in conditions}
    alerts = {alert.alert_id: alert for alert in operator_alerts.open_in(scope)}
    for alert_id in sorted(alerts.keys() - lasting.keys()):
        atomic(world, partial(_end, scope, alert_id))
    for alert in alerts.values():
        if alert.alert_id in lasting and not alert.announced:
            _announce(world, alert, receivers[alert.kind])
    new = [lasting[alert_id] for alert_id in sorted(lasting.keys() - alerts.keys())][:MAX_NEW]
    for condition in new:
        alert = OperatorAlert(scope, condition.alert_id, condition.kind, dict(condition.data), world.now())
        _announce(world, alert, receivers[condition.kind])
    return len(new)


def _end(scope: str, alert_id: str, ops: Transaction) -> None:
    alert = fetch_one(operator_alerts.alert_key(scope, alert_id))
    if alert is not None:
        operator_alerts.remove(ops, alert)


def _announce(world: World, alert: OperatorAlert, user_ids: Sequence[str]) -> None:
    """Notify every operator once: as many as fit into one transaction, which stores how far it came."""

    def decide(ops: Transaction) -> bool:
        current = fetch_one(operator_alerts.alert_key(alert.scope, alert.alert_id)) or alert
        if current.announced:
            return True
        left = [user_id for user_id in user_ids if user_id > current.told_until]
        part = left[:TOLD_AT_ONCE]
        told = current.notified_until(part[-1] if part else "", is_last=len(part) == len(left))
        operator_alerts.save(ops, told)
        for user_id in part:
            notify(ops, world, user_id, alert.kind.notification, alert.data)
        return told.announced

    while not atomic(world, decide):
        pass
    log.fact("operators_alerted", about=alert.alert_id)


def _stations(world: World, page: str) -> Iterator[Condition]:
    now, settings = world.now(), world.settings()
    sns = stations.sns_on_page(page)
    found = fetch_found([key for sn in sns for key in (stations.station_key(sn), cabinets.cabinet_key(sn))])
    for sn in sns:
        station = found[stations.station_key(sn)]
        if station is not None:
            cabinet = found[cabinets.cabinet_key(sn)] or Cabinet(sn, station.imei)
            yield from conditions_of(station, cabinet, now, settings)


def _queues(world: World) -> Iterator[Condition]:
    for name in (*map(outbox.dead_letter_name, outbox.CONSUMED), outbox.POISON):
        if world.queues.waiting(name):
            yield Condition(AlertKind.DEAD_LETTERS, name, {"queue": name})


def _money(world: World) -> Iterator[Condition]:
    today = day_of(world.now())
    days = [(today - timedelta(days=back)).isoformat() for back in range(1, DAYS_BACK + 1)]
    reports = fetch_many([reconciliation.report_key(day, gateway) for day in days for gateway in world.gateways])
    for report in reports:
        if report.differs:
            data = {"day": report.day, "gateway": report.gateway}
            yield Condition(AlertKind.RECONCILIATION_DIFFERS, report.name, data)
    for intent in intents.needing_review(MAX_IN_REVIEW):
        disputed = {"gateway": intent.gateway, "amount_paisa": intent.amount_paisa}
        yield Condition(AlertKind.PAYMENT_IN_REVIEW, intent.intent_id, disputed)
