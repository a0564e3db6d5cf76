from __future__ import annotations

from tests.steps.by_hand import part
from tests.steps.test_trusted_access import trusted
from tests.world import World, pipeline

PRINCIPAL = "ssm.amazonaws.com"


def test_an_account_administers_it_and_the_role_is_there(world: World) -> None:
    world = World(world.sandbox, pipeline("systems_manager", "delegated_administrators"))
    world.stand()
    org = world.arrive()

    listed = world.client("organizations").list_delegated_administrators(ServicePrincipal=PRINCIPAL)

    assert [one["Id"] for one in listed["DelegatedAdministrators"]] == [org.id_of(org.shared_services)]
    assert PRINCIPAL in trusted(world)
    assert world.client("iam").get_role(RoleName="AWSServiceRoleForAmazonSSM_AccountDiscovery")
    destroyed = world.plan(destroy=True)
    assert [address.kind for address in part(destroyed, "systems_manager").kept] == ["service-linked-role"]
