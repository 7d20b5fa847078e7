"""What each function may do at AWS, by its logical id.

A call of a function that is missing here fails its tests, and so does a right that no function uses.
`grant` is the rights of one function; `api`, `consumers`, `schedules`, `alerts` and `audit` hold those of every one.
"""

from collections.abc import Mapping

from infra.grants.api import API, API_GRANTS
from infra.grants.consumers import CONSUMER_GRANTS
from infra.grants.grant import Grants
from infra.grants.schedules import SCHEDULE_GRANTS

__all__ = ["API", "GRANTS", "Grants"]

GRANTS: Mapping[str, Grants] = {API: API_GRANTS, **CONSUMER_GRANTS, **SCHEDULE_GRANTS}
