"""Firebase's adapter for tests, with the credentials of the simulated FCM."""

import json

from chalicelib.gateways.fcm import FcmPush

DATA = {"notification_id": "01M83FTTQ80000000000000008", "type": "kyc_status"}


def fcm(env: dict[str, str], url: str | None = None, timeout_seconds: float = 5.0, **changed: str) -> FcmPush:
    account = json.loads(env["BIJULI_FCM_CREDENTIALS"]) | changed
    return FcmPush(url or env["BIJULI_FCM_URL"], json.dumps(account), timeout_seconds)
