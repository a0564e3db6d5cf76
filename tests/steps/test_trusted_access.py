from __future__ import annotations

from sra_bootstrap.sandbox.services.trusted_access import SERVICE_PRINCIPALS
from tests.steps.by_hand import calls, clean, configure, lines, unmanaged
from tests.world import World


def trusted(world: World) -> set[str]:
    pages = world.client("organizations").get_paginator("list_aws_service_access_for_organization").paginate()
    return {service["ServicePrincipal"] for page in pages for service in page["EnabledServicePrincipals"]}


def test_what_the_steps_need_is_trusted(built: World) -> None:
    assert trusted(built) == {
        "account.amazonaws.com",
        "config-multiaccountsetup.amazonaws.com",
        "config.amazonaws.com",
        "guardduty.amazonaws.com",
        "malware-protection.guardduty.amazonaws.com",
    }


def test_a_further_principal_is_unmanaged_and_left(built: World) -> None:
    built.client("organizations").enable_aws_service_access(ServicePrincipal="ram.amazonaws.com")

    plan = built.plan()
    destroyed = built.apply(built.plan(destroy=True))

    assert unmanaged(plan, "trusted_access") == ["ram.amazonaws.com"]
    assert plan.empty
    assert clean(destroyed)
    assert trusted(built) == {"ram.amazonaws.com"}


def test_what_is_trusted_already_is_adopted(world: World) -> None:
    organizations = world.client("organizations")
    organizations.create_organization()
    organizations.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    world.records.clear()

    plan = world.plan()
    world.apply(plan)

    assert not any("trusted-access config.amazonaws.com" in line for line in lines(plan.changes))
    assert calls(world, "organizations:EnableAWSServiceAccess") == len(world.wanted.trusted_access) - 1


def test_config_adds_principals(built: World) -> None:
    configure(built, trusted_access={"additional": ("ram.amazonaws.com", "config.amazonaws.com")})

    plan = built.plan()
    outcome = built.apply(plan)

    assert lines(plan.changes) == ["create organization trusted-access ram.amazonaws.com"]
    assert clean(outcome)
    assert "ram.amazonaws.com" in trusted(built)


def test_a_principal_that_config_no_longer_adds_stays_trusted(world: World) -> None:
    configure(world, trusted_access={"additional": ("ram.amazonaws.com",)})
    world.build()
    configure(world)

    plan = world.plan()

    assert plan.empty
    assert unmanaged(plan, "trusted_access") == ["ram.amazonaws.com"]


def test_more_principals_than_aws_lists_on_a_page_are_all_seen(world: World) -> None:
    many = tuple(name for name in sorted(SERVICE_PRINCIPALS) if not name.endswith("."))[:30]
    configure(world, trusted_access={"additional": many})

    world.build()

    assert set(many) <= trusted(world)
    assert world.plan().empty


def test_a_principal_that_aws_does_not_know_fails_alone(world: World) -> None:
    configure(world, trusted_access={"additional": ("no-such-service.amazonaws.com",)})

    outcome = world.apply(world.plan())

    [failure] = outcome.failed
    assert "no-such-service.amazonaws.com" in failure.where
    assert "UNRECOGNIZED_SERVICE_PRINCIPAL" in failure.reason
    assert outcome.blocked == []
    assert lines(world.plan().changes) == ["create organization trusted-access no-such-service.amazonaws.com"]


def test_the_trust_that_something_stands_on_is_put_back_with_it(built: World) -> None:
    built.client("organizations").disable_aws_service_access(ServicePrincipal="account.amazonaws.com")

    plan = built.plan()

    assert lines(plan.changes) == ["create organization trusted-access account.amazonaws.com"]
    assert clean(built.apply(plan))
