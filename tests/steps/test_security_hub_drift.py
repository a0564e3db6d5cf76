"""Every single setting of Security Hub, changed by hand. Each test leaves its organization as it found it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.model import MANAGEMENT
from steps.security_hub.standards import FSBP, RECOMMENDED, arn_of
from tests.steps.by_hand import clean, lines
from tests.steps.security_hub_by_hand import HOME, LOCAL, NIST, OTHER, POLICY, RULE, SecurityHub
from tests.world import World, pipeline

ByHand = Callable[[World], object]
EVERYBODY = (MANAGEMENT, "security-tooling", "log-archive", "network", "workload-prod")


@pytest.fixture(scope="module")
def central() -> Iterator[World]:
    """An organization that is configured centrally, with a rule."""
    with sandbox.in_process() as running:
        world = World(running, pipeline("security_hub", security_hub={"automation_rules": [RULE]}))
        world.build()
        yield world


@pytest.fixture(scope="module")
def local() -> Iterator[World]:
    """An organization that is configured locally, in which accounts are not enrolled by themselves."""
    with sandbox.in_process() as running:
        running.settings.auto_enable_seconds = 1e9
        world = World(running, pipeline("security_hub", security_hub=LOCAL))
        world.build()
        yield world


def mended(world: World, changes: list[str]) -> None:
    """See that the plan is these changes and that they put everything back."""
    plan = world.plan()
    outcome = world.apply(plan)

    assert lines(plan.changes) == changes
    assert plan.blocked == ()
    assert clean(outcome), outcome
    assert world.plan().empty


def controls(**identifiers: list[str]) -> ByHand:
    return lambda world: SecurityHub(world).change_policy(SecurityControlsConfiguration=identifiers)


def standards(*names: str) -> ByHand:
    arns = [arn_of(name, HOME, "aws") for name in names]
    return lambda world: SecurityHub(world).change_policy(EnabledStandardIdentifiers=arns)


def described_otherwise(world: World) -> None:
    home = SecurityHub(world)
    home.api.update_configuration_policy(Identifier=home.policy()["Id"], Description="Theirs")


def associated_with_another(world: World) -> None:
    home = SecurityHub(world)
    if "theirs" not in home.policy_ids():
        home.make_policy("theirs")
    home.associate("theirs", RootId=home.root())


def link(mode: str, *regions: str) -> ByHand:
    return lambda world: SecurityHub(world).link(mode, *regions)


def reject(product: str) -> ByHand:
    return lambda world: SecurityHub(world, OTHER).reject(product)


def rule(**changes: Any) -> ByHand:
    return lambda world: SecurityHub(world, OTHER).change_rule(**changes)


def rule_gone(world: World) -> None:
    other = SecurityHub(world, OTHER)
    other.api.batch_delete_automation_rules(AutomationRulesArns=[other.rules()[RULE["name"]]["RuleArn"]])


def update(kind: str, region: str = HOME) -> str:
    return f"update security-tooling/{region} {kind}"


_POLICY, _RULE = update(f"policy {POLICY}"), f"security-tooling/{OTHER} automation-rule {RULE['name']}"
CENTRALLY: dict[str, tuple[str, ByHand]] = {
    "a policy's description": (_POLICY, described_otherwise),
    "a standard less": (_POLICY, standards(FSBP)),
    "a standard more": (_POLICY, standards(*RECOMMENDED, NIST)),
    "another standard": (_POLICY, standards(FSBP, NIST)),
    "a control off": (_POLICY, controls(DisabledSecurityControlIdentifiers=["IAM.6"])),
    "few controls on": (_POLICY, controls(EnabledSecurityControlIdentifiers=["IAM.6"])),
    "the service off": (_POLICY, lambda world: SecurityHub(world).change_policy(ServiceEnabled=False)),
    "another policy for the root": (update("association root"), associated_with_another),
    "no policy for the root": (
        f"create security-tooling/{HOME} association root",
        lambda world: SecurityHub(world).end(POLICY, RootId=SecurityHub(world).root()),
    ),
    "no linked region": (update("finding-aggregator"), link("NO_REGIONS")),
    "all regions linked": (update("finding-aggregator"), link("ALL_REGIONS")),
    "a region excepted": (update("finding-aggregator"), link("ALL_REGIONS_EXCEPT_SPECIFIED", OTHER)),
    "another region linked instead": (update("finding-aggregator"), link("SPECIFIED_REGIONS", "eu-west-2")),
    "a rule's description": (f"update {_RULE}", rule(Description="Theirs")),
    "a rule's order": (f"update {_RULE}", rule(RuleOrder=9)),
    "a rule disabled": (f"update {_RULE}", rule(RuleStatus="DISABLED")),
    "a rule terminal": (f"update {_RULE}", rule(IsTerminal=True)),
    "a rule's criteria": (
        f"update {_RULE}",
        rule(Criteria=RULE["criteria"] | {"RecordState": [{"Value": "ACTIVE", "Comparison": "EQUALS"}]}),
    ),
    "a rule's actions": (
        f"update {_RULE}",
        rule(Actions=[{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Criticality": 9}}]),
    ),
    "a rule gone": (f"create {_RULE}", rule_gone),
}
for _product in ("access-analyzer", "config", "firewall-manager", "guardduty", "health", "inspector", "macie"):
    CENTRALLY[f"{_product} rejected"] = (update("integrations", OTHER), reject(f"aws/{_product}"))


@pytest.mark.sampled(5)
@pytest.mark.parametrize("what", CENTRALLY)
def test_what_is_changed_by_hand_is_exactly_one_change_and_put_back(central: World, what: str) -> None:
    change, by_hand = CENTRALLY[what]
    by_hand(central)
    SecurityHub(central).settle()

    mended(central, [change])

    SecurityHub(central).settle()
    for region in (HOME, OTHER):
        for name in EVERYBODY:
            assert SecurityHub(central, region, name).standards() == {*RECOMMENDED}
        rule = SecurityHub(central, region).rules()[RULE["name"]]
        assert (rule["RuleOrder"], rule["RuleStatus"], rule["IsTerminal"]) == (1, "ENABLED", False)
        assert (rule["Criteria"], rule["Description"]) == (RULE["criteria"], RULE["description"])
    linked = SecurityHub(central).aggregator()
    assert linked["RegionLinkingMode"] == "SPECIFIED_REGIONS"
    assert OTHER in linked["Regions"]


def stopped(world: World) -> None:
    """Stop central configuration by hand, for which its policies have to go."""
    home = SecurityHub(world)
    for name, policy_id in home.policy_ids().items():
        if name == POLICY:
            home.end(POLICY, RootId=home.root())
        home.api.delete_configuration_policy(Identifier=policy_id)
    home.api.update_organization_configuration(
        AutoEnable=True, AutoEnableStandards="NONE", OrganizationConfiguration={"ConfigurationType": "LOCAL"}
    )


def test_central_configuration_that_was_stopped_is_made_again_with_all_that_went_with_it(central: World) -> None:
    stopped(central)

    kinds = ("central-configuration", f"policy {POLICY}", "association root")
    mended(central, [f"create security-tooling/{HOME} {kind}" for kind in kinds])


def test_an_aggregator_that_is_gone_takes_central_configuration_with_it_and_both_are_made_again(central: World) -> None:
    home = SecurityHub(central)
    home.api.delete_finding_aggregator(FindingAggregatorArn=home.aggregator()["FindingAggregatorArn"])

    kinds = ("finding-aggregator", "central-configuration", f"policy {POLICY}", "association root")
    mended(central, [f"create security-tooling/{HOME} {kind}" for kind in kinds])


def test_a_region_that_others_have_linked_stays_linked(central: World) -> None:
    SecurityHub(central).link("SPECIFIED_REGIONS", OTHER, "eu-west-2")

    assert central.plan().empty
    SecurityHub(central).link("SPECIFIED_REGIONS", OTHER)


def configured(**configuration: Any) -> ByHand:
    wanted = {"AutoEnable": True, "AutoEnableStandards": "NONE"} | configuration
    return lambda world: SecurityHub(world, OTHER).api.update_organization_configuration(**wanted)


def setting(**settings: Any) -> ByHand:
    return lambda world: SecurityHub(world, OTHER).api.update_security_hub_configuration(**settings)


def let_go(*names: str) -> ByHand:
    def by_hand(world: World) -> None:
        other = SecurityHub(world, OTHER)
        other.api.disassociate_members(AccountIds=[other.id_of(name) for name in names])

    return by_hand


LOCALLY: dict[str, tuple[str, ByHand]] = {
    "no enrolment": (update("organization-configuration", OTHER), configured(AutoEnable=False)),
    "default standards": (update("organization-configuration", OTHER), configured(AutoEnableStandards="DEFAULT")),
    "no new controls": (update("hub-settings", OTHER), setting(AutoEnableControls=False)),
    "findings per standard": (update("hub-settings", OTHER), setting(ControlFindingGenerator="STANDARD_CONTROL")),
    "a member let go": (update("members", OTHER), let_go("network")),
    "two members let go": (update("members", OTHER), let_go("network", "log-archive")),
    "the management account let go": (update("members", OTHER), let_go(MANAGEMENT)),
    "no linked region": (update("finding-aggregator"), link("NO_REGIONS")),
    "guardduty rejected": (update("integrations", OTHER), reject("aws/guardduty")),
}
for _name in EVERYBODY:
    for _standard in RECOMMENDED:
        LOCALLY[f"{_standard} off in {_name}"] = (
            f"update {_name}/{OTHER} standards",
            lambda world, name=_name, standard=_standard: SecurityHub(  # type: ignore[misc]
                world, OTHER, name
            ).disable_standard(standard),
        )


@pytest.mark.sampled(5)
@pytest.mark.parametrize("what", LOCALLY)
def test_what_is_changed_by_hand_locally_is_exactly_one_change_and_put_back(local: World, what: str) -> None:
    change, by_hand = LOCALLY[what]
    by_hand(local)

    mended(local, [change])

    for region in (HOME, OTHER):
        there = SecurityHub(local, region)
        assert set(there.members()) == set(EVERYBODY) - {"security-tooling"}
        assert set(there.members().values()) == {"Enabled"}
        configuration, hub = there.configuration(), there.api.describe_hub()
        assert (configuration["AutoEnable"], configuration["AutoEnableStandards"]) == (True, "NONE")
        assert (hub["AutoEnableControls"], hub["ControlFindingGenerator"]) == (True, "SECURITY_CONTROL")
        for name in EVERYBODY:
            assert SecurityHub(local, region, name).standards() == {*RECOMMENDED}


def test_standards_of_others_stay_on(local: World) -> None:
    network = SecurityHub(local, OTHER, "network")
    network.enable_standard(NIST)

    assert local.plan().empty
    network.disable_standard(NIST)


def test_a_member_that_has_switched_security_hub_off_is_a_member_again(local: World) -> None:
    SecurityHub(local, OTHER, "network").api.disable_security_hub()

    mended(local, [update("members", OTHER), f"create network/{OTHER} standards"])


def test_an_administrator_that_was_removed_in_a_region_is_made_it_again(local: World) -> None:
    other = SecurityHub(local, OTHER)
    local.client("securityhub", MANAGEMENT, OTHER).disable_organization_admin_account(
        AdminAccountId=other.id_of("security-tooling")
    )

    kinds = ("organization-configuration", "hub-settings", "members")
    beyond = [f"create security-tooling/{OTHER} {kind}" for kind in kinds]
    mended(local, [f"create management/{OTHER} administrator", *beyond])
    assert other.administrators() == ["security-tooling"]
