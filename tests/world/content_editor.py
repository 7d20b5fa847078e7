"""An operator who writes content, the log of that, and content as customers read it."""

from typing import Any

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.tables.audit_log import AuditLogRow
from tests.functions.sample_bodies import BANNER_BODY, QUESTION_BODY
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_for

PAGE, FAQ, BANNERS = "/api/admin/content/pages/about", "/api/admin/content/faq", "/api/admin/content/banners"
CREATED = [(FAQ, QUESTION_BODY), (BANNERS, BANNER_BODY)]


class Editor:
    """An operator who writes content."""

    def __init__(self, network: Network) -> None:
        self.token = token_for(network.world, network.operator("editor@example.com", Role.ADMIN))

    def __call__(self, method: str, path: str, body: Any = None) -> Reply:
        return request(app, method, path, body, token=self.token)

    def add(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        reply = self("POST", path, body)
        assert reply.status == 201, reply.text
        added: dict[str, Any] = reply.data
        return added


def entries() -> list[Any]:
    return list(AuditLogRow.scan())


def read(path: str, language: str = "en") -> Any:
    return request(app, "GET", path, headers={"Accept-Language": language}).data
