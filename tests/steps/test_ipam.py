from __future__ import annotations

from tests.steps.by_hand import clean, part, put_back, unmanaged
from tests.steps.ipam_by_hand import PRINCIPAL, appoint, dismiss
from tests.steps.test_trusted_access import trusted
from tests.world import World, pending, pipeline

ROLE = "AWSServiceRoleForIPAM"


def test_the_network_account_administers_it_and_nobody_is_replaced(world: World) -> None:
    world = World(world.sandbox, pipeline("ipam", "delegated_administrators"))
    world.stand()
    org, organizations = world.arrive(), world.client("organizations")

    def registered() -> list[str]:
        listed = organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)
        return [administrator["Id"] for administrator in listed["DelegatedAdministrators"]]

    assert registered() == [org.id_of("network")]
    assert PRINCIPAL in trusted(world)
    assert world.client("iam", "workload-prod").get_role(RoleName=ROLE)
    assert unmanaged(world.plan(), "delegated_administrators") == unmanaged(world.plan(), "trusted_access") == []

    # Another one, that somebody has appointed meanwhile.
    dismiss(world, "network")
    appoint(world, "log-archive")
    plan = world.plan()
    [blocked] = part(plan, "ipam").blocked
    assert f"log-archive ({org.id_of('log-archive')})" in blocked.reason
    assert "disable-ipam-organization-admin-account" in blocked.remedy
    assert part(plan, "ipam").changes == ()

    # Ours, without the role that only IPAM makes.
    dismiss(world, "log-archive")
    task = world.client("iam").delete_service_linked_role(RoleName=ROLE)
    world.sandbox.clock.wait(world.sandbox.settings.enabling_seconds)
    assert task
    organizations.enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    organizations.register_delegated_administrator(ServicePrincipal=PRINCIPAL, AccountId=org.id_of("network"))
    assert pending(world.plan()) == ["update management administrator"]
    put_back(world)

    assert clean(world.apply(world.plan(destroy=True)))
    assert registered() == []
    assert PRINCIPAL not in trusted(world)
