"""Reports money in the wallet of a deleted account, which only an operator can pay out."""

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm


def report(user_id: str, amount_paisa: int, **ids: str) -> None:
    """Raise the alarm. `ids` name the top-up, the refund or the rental that the money came from.

    It follows a commit. The audit finds money that waits for days, in case the alarm is lost.
    """
    log.alarm(Alarm.MONEY_FOR_DELETED_ACCOUNT, user_id=user_id, amount_paisa=amount_paisa, **ids)
