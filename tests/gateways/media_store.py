"""A media store under test: Cloudinary's adapter with its simulation, or the fake."""

from dataclasses import dataclass, field

from chalicelib.gateways.cloudinary import CloudinaryMedia
from chalicelib.world import Media
from infra.local.companies.all_companies import Companies
from infra.local.simulation import Simulation


@dataclass
class Store:
    """A media store, with its simulation where it has one."""

    media: Media
    simulation: Simulation = field(default_factory=Simulation)
    made: Companies | None = None

    def lies_there(self, beginning: str) -> list[str]:
        if self.made is None:
            return [public_id for public_id in self.media.kept if public_id.startswith(beginning)]  # type: ignore[attr-defined]
        return [item["public_id"] for item in self.made.outboxes["media"](beginning)]


def cloudinary(servers: Companies, simulation: Simulation, **changed: str) -> CloudinaryMedia:
    env = servers.environment() | changed
    return CloudinaryMedia(
        env["BIJULI_CLOUDINARY_API_URL"],
        env["BIJULI_CLOUDINARY_DELIVERY_URL"],
        cloud=env["BIJULI_CLOUDINARY_CLOUD"],
        api_key=env["BIJULI_CLOUDINARY_API_KEY"],
        api_secret=env["BIJULI_CLOUDINARY_API_SECRET"],
        now=simulation.clock.now,
    )
