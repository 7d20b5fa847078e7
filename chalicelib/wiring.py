"""Builds the World of this process. Each gateway is made when it is first used."""

import os
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from importlib import import_module
from typing import Any

import botocore.session

from chalicelib import config as environment
from chalicelib import log
from chalicelib.config import Config
from chalicelib.domain.configuration.gateway_registry import GatewayAccount, webhook_path
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.text.ids import ulid
from chalicelib.gateways.aws_session import MAIL_CLIENT, AwsSession
from chalicelib.gateways.aws_time_left import end_in_time
from chalicelib.gateways.jwt_tokens import JwtTokens
from chalicelib.gateways.keyed_digests import HmacDigests
from chalicelib.gateways.sqs import SqsQueues
from chalicelib.gateways.sqs_dead_letters import SqsDeadLetters
from chalicelib.services.warm_cache import WarmCache
from chalicelib.tables import settings
from chalicelib.tables.all_tables import ROW_TYPES
from chalicelib.tables.dynamodb import connect
from chalicelib.world import PaymentGateway, PublicUrls, Unavailable, World

SETTINGS_TTL = timedelta(seconds=60)


class Process:
    """The World of this process."""

    world: World | None = None


def world() -> World:
    """This process's World, built at the first call. Raises MissingConfig or InvalidConfig.

    Raises Unavailable, with an alarm, while SSM does not answer. The next call tries again.
    """
    if Process.world is None:
        try:
            session = botocore.session.get_session()
            Process.world = build(os.environ, lambda: datetime.now(UTC), time.sleep, session)
        except Unavailable as unavailable:
            log.alarm(Alarm.KEYS_UNAVAILABLE, about=unavailable.what)
            raise
    return Process.world


def use_world(replacement: World | None) -> None:
    """Replace the World, or drop it (None), so that the next call builds it. Tests use only this seam."""
    Process.world = replacement


def build(
    environ: Mapping[str, str], now: Callable[[], datetime], pause: Callable[[float], None], session: Any
) -> World:
    """A World with real gateways, this clock and this pause. `session` is the botocore session of all AWS clients.

    Raises MissingConfig, InvalidConfig or Unavailable.
    """
    end_in_time(session)
    aws = AwsSession(session)
    config = environment.read(environ, aws.parameter)
    connect(ROW_TYPES, config.table_prefix, session, pause)
    gateways = Gateways(config, aws, now)
    return World(
        now=now,
        new_id=lambda: ulid(now(), secrets.token_bytes(10)),
        random_bytes=secrets.token_bytes,
        pause=pause,
        settings=_current_settings(now),
        urls=PublicUrls(config.api_url, config.app_return_urls, config.cors_origins, config.problems_url),
        tokens=JwtTokens(config.token_keys, now),
        vault=gateways.lazy("vault"),
        digests=HmacDigests(config.pepper),
        dead_letters=gateways.lazy("dead_letters"),
        queues=gateways.lazy("queues"),
        inbox=gateways.lazy("inbox"),
        cabinets=gateways.lazy("cabinets"),
        sms=gateways.lazy("sms"),
        mail=gateways.lazy("mail"),
        push=gateways.lazy("push"),
        media=gateways.lazy("media"),
        images=gateways.lazy("images"),
        html=gateways.lazy("html"),
        logs=gateways.lazy("logs"),
        gateways=gateways.payments(),
    )


class LazyGateway:
    """A gateway that is made at its first call, so that a cold start imports only what it uses."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)


class Gateways:
    """The gateways of this process, each made once."""

    def __init__(self, config: Config, aws: AwsSession, now: Callable[[], datetime]) -> None:
        self._config = config
        self._aws = aws
        self._now = now

    def lazy(self, name: str) -> Any:
        """The gateway `name`, made at its first call."""
        return LazyGateway(lambda: getattr(self, name))

    def payments(self) -> Mapping[str, PaymentGateway]:
        """The payment gateways that are offered, each made at its first call."""
        return {name: self._lazy_payment(name) for name in self._config.offered_gateways}

    def _lazy_payment(self, name: str) -> Any:
        return LazyGateway(cache(lambda: self._connect(name)))

    def _connect(self, name: str) -> Any:
        """The gateway's file is imported by its name in the registry, when it is first used."""
        account = GatewayAccount(
            self._config.gateways[name], f"{self._config.api_url}{webhook_path(name)}", self._now
        )
        return import_module(f"chalicelib.gateways.{name}").connect(account)

    @cached_property
    def queues(self) -> SqsQueues:
        return SqsQueues(self._aws.client("sqs"), self._config.queue_url_prefix)

    @cached_property
    def dead_letters(self) -> SqsDeadLetters:
        return SqsDeadLetters(self._aws.client("sqs"), self._config.queue_url_prefix)

    @cached_property
    def vault(self) -> Any:
        from chalicelib.gateways.kms import KmsVault

        return KmsVault(self._aws.client("kms"), self._config.kms_key_id)

    @cached_property
    def inbox(self) -> Any:
        from chalicelib.gateways.mns import MnsInbox

        c = self._config
        return MnsInbox(
            c.mns_url,
            queue=c.mns_queue,
            key_id=c.aliyun_access_key_id,
            key_secret=c.aliyun_access_key_secret,
        )

    @cached_property
    def cabinets(self) -> Any:
        from chalicelib.gateways.alibaba_iot import AlibabaCabinets

        c = self._config
        return AlibabaCabinets(
            c.iot_url,
            region=c.iot_region,
            instance_id=c.iot_instance_id,
            product_key=c.iot_product_key,
            key_id=c.aliyun_access_key_id,
            key_secret=c.aliyun_access_key_secret,
            signature_version=c.iot_signature.lower(),
            now=self._now,
            nonce=lambda: secrets.token_hex(16),
        )

    @cached_property
    def sms(self) -> Any:
        from chalicelib.gateways.sparrow import Sparrow

        return Sparrow(self._config.sparrow_url, self._config.sparrow_token, self._config.sparrow_sender)

    @cached_property
    def mail(self) -> Any:
        from chalicelib.gateways.ses import SesMail

        return SesMail(self._aws.client("sesv2", MAIL_CLIENT), self._config.mail_sender)

    @cached_property
    def push(self) -> Any:
        from chalicelib.gateways.fcm import FcmPush

        return FcmPush(self._config.fcm_url, self._config.fcm_credentials)

    @cached_property
    def media(self) -> Any:
        from chalicelib.gateways.cloudinary import CloudinaryMedia

        c = self._config
        return CloudinaryMedia(
            c.cloudinary_api_url,
            c.cloudinary_delivery_url,
            cloud=c.cloudinary_cloud,
            api_key=c.cloudinary_api_key,
            api_secret=c.cloudinary_api_secret,
            now=self._now,
        )

    @cached_property
    def images(self) -> Any:
        from chalicelib.gateways.pillow import PillowImages

        return PillowImages()

    @cached_property
    def html(self) -> Any:
        from chalicelib.gateways.nh3 import Nh3Html

        return Nh3Html()

    @cached_property
    def logs(self) -> Any:
        from chalicelib.gateways.cloudwatch_logs import LOGS_CLIENT, CloudWatchLogs

        return CloudWatchLogs(self._aws.client("logs", LOGS_CLIENT), self._config.log_group)


def _current_settings(now: Callable[[], datetime]) -> Callable[[], Settings]:
    """The runtime configuration, read again each minute."""
    cache: WarmCache[Settings] = WarmCache()
    return lambda: cache.get(now(), SETTINGS_TTL, lambda: Settings().changed(settings.overrides()))
