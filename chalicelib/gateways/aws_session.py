"""The AWS session of this process: every AWS client comes from its one botocore session."""

from functools import cached_property
from typing import Any

from botocore.config import Config

from chalicelib.gateways.aws_answers import not_empty, usable_answer

CLIENT = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})
MAIL_CLIENT = CLIENT.merge(Config(retries={"total_max_attempts": 1, "mode": "standard"}))
"""No retry inside the client: SES has no idempotency key, so the queue decides whether to send a mail again."""


class AwsSession:
    """Makes the clients of SQS, KMS and SES, and reads parameters of SSM. `tables/dynamodb.py` has its own client."""

    def __init__(self, botocore_session: Any) -> None:
        self._session = botocore_session

    @cached_property
    def boto3(self) -> Any:
        """The boto3 session over the botocore session.

        boto3 costs 40 ms to import, so a process that sends no message, mail or key request never imports it.
        """
        import boto3

        return boto3.Session(botocore_session=self._session)

    def client(self, service: str, config: Config = CLIENT) -> Any:
        return self.boto3.client(service, config=config)

    def parameter(self, name: str) -> str:
        """The decrypted value of an SSM parameter. Raises Unavailable.

        Every cold start reads it, so its client comes from botocore, without boto3.
        """
        with usable_answer("ssm"):
            response = self._session.create_client("ssm", config=CLIENT).get_parameter(Name=name, WithDecryption=True)
            return not_empty(response["Parameter"]["Value"], str)
