"""Sends one-time codes by SMS and by mail, each message once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.auth.identifier import Channel
from chalicelib.domain.auth.otp import Challenge, code_of
from chalicelib.domain.auth.otp_texts import code_message
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.text.texts import ENGLISH
from chalicelib.services import outbox as outbox_messages
from chalicelib.services import provider_backoff
from chalicelib.tables import otp, outbox
from chalicelib.tables import provider_backoff as backoff_rows
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import OutcomeUnknown, ReceiverUnavailable, Rejected, Unavailable, World

PROVIDER_ALARMS = {
    Channel.MAIL: Alarm.MAIL_PROVIDER_UNAVAILABLE,
    Channel.SMS: Alarm.SMS_PROVIDER_UNAVAILABLE,
}


def deliver(world: World, body: Mapping[str, Any]) -> None:
    """Send one code, in the language of its request. A stale or sent message is dropped.

    Raises Unavailable or OutcomeUnknown when the queue must try again.
    """
    message_id, generation, channel = str(body["message_id"]), int(body["generation"]), Channel(body["channel"])
    message_key = outbox.message_key(message_id)
    challenge_key, provider_key = (
        otp.challenge_key(str(body["challenge_id"])),
        backoff_rows.failures_key(channel),
    )
    rows = fetch(message_key, challenge_key, provider_key)
    challenge = rows[challenge_key]
    if rows[message_key] is None:
        return
    if challenge is not None and challenge.generation == generation and challenge.is_open_at(world.now()):
        language = str(body.get("language", ENGLISH))
        _send(world, challenge, channel, language, after_failures=rows[provider_key] is not None)
    else:
        log.fact("otp_not_sent", challenge_id=body["challenge_id"], reason="stale")
    outbox_messages.drop(message_id)


def code(world: World, challenge: Challenge) -> str:
    """The six digits of a challenge. They are derived with the pepper, so that no table and no queue holds them."""
    return code_of(world.digests.digest("otp", challenge.challenge_id, challenge.salt, str(challenge.generation)))


def _send(world: World, challenge: Challenge, channel: Channel, language: str, *, after_failures: bool) -> None:
    """Send the code. `after_failures`: the provider failed since it last worked."""
    message = code_message(code(world, challenge), language, world.settings().otp_ttl_seconds)
    try:
        if channel is Channel.MAIL:
            world.mail.send(challenge.identifier, message.mail_subject, message.mail)
        else:
            world.sms.send(challenge.identifier, message.sms)
    except Rejected as refused:
        log.fact("otp_not_sent", challenge_id=challenge.challenge_id, reason=refused.reason)
    except ReceiverUnavailable:
        log.fact("otp_deferred", challenge_id=challenge.challenge_id)
        raise
    except (Unavailable, OutcomeUnknown):
        log.fact("otp_deferred", challenge_id=challenge.challenge_id)
        backoff = timedelta(seconds=world.settings().otp_provider_backoff_seconds)
        if provider_backoff.report_failure(world, channel, challenge.identifier_key, backoff=backoff):
            log.alarm(PROVIDER_ALARMS[channel], challenge_id=challenge.challenge_id)
        raise
    else:
        log.fact("otp_sent", challenge_id=challenge.challenge_id)
        if after_failures:
            provider_backoff.report_success(channel)
