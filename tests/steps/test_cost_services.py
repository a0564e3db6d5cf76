from __future__ import annotations

from sra_bootstrap.model import Unavailable
from tests.steps.by_hand import few, part, put_back
from tests.steps.compute_optimizer_by_hand import enrol_alone
from tests.steps.cost_optimization_hub_by_hand import hub
from tests.world import World, pending


def test_accounts_that_were_left_out_are_enrolled_and_stay_so(world: World) -> None:
    world = few(world, "organization", "trusted_access", "compute_optimizer")
    enrol_alone(world)

    plan = world.plan()

    [change] = part(plan, "compute_optimizer").changes
    assert (change.before, change.after) == ({"members": False}, {"members": True})
    put_back(world)
    assert world.client("compute-optimizer").get_enrollment_status()["memberAccountsEnrolled"]
    assert [address.kind for address in part(world.plan(destroy=True), "compute_optimizer").kept] == ["enrollment"]


def test_the_hub_has_all_accounts_again(world: World) -> None:
    world = few(world, "organization", "trusted_access", "cost_optimization_hub")
    world.build()
    hub(world).update_enrollment_status(status="Inactive")

    assert pending(world.plan()) == ["create organization/us-east-1 enrollment"]
    put_back(world)
    assert hub(world).list_enrollment_statuses(includeOrganizationInfo=True)["includeMemberAccounts"]


def test_other_partitions_have_no_hub(world: World) -> None:
    [step] = few(world, "cost_optimization_hub").steps
    org = world.arrive()
    elsewhere = type(org)(**{**vars(org), "partition": "aws-us-gov"})
    [resource] = step.desired(elsewhere)

    [seen] = step.observe(resource.address.at, elsewhere, world.connection.reader(org))

    assert isinstance(seen, Unavailable)
    assert "aws-us-gov" in seen.reason
