"""AWS RAM through the API of the sandbox: what others do to sharing within the organization."""

from __future__ import annotations

from tests.steps.by_hand import Life, found
from tests.world import World

PRINCIPAL = "ram.amazonaws.com"


def trust_without_role(world: World) -> None:
    """Give trusted access the way that AWS warns of."""
    found(world).enable_aws_service_access(ServicePrincipal=PRINCIPAL)


LIFE = Life(before=trust_without_role)
