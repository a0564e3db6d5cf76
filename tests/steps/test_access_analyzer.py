from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sra_bootstrap.aws import Reader
from sra_bootstrap.model import MANAGEMENT, Plan, Target, Unavailable
from sra_bootstrap.sandbox.services.accessanalyzer import analyzers_of
from steps.access_analyzer import AccessAnalyzer as Step
from tests.steps.access_analyzer_by_hand import EVERYTHING, HOME, NAMES, OTHER, TRUSTED, AccessAnalyzer
from tests.steps.by_hand import (
    calls,
    clean,
    close_account,
    configure,
    govern,
    lines,
    open_account,
    part,
    put_back,
    start_again,
    want,
    writes,
)
from tests.world import World, account, only, pending

EXTERNAL, UNUSED, INTERNAL = NAMES.values()
PRINCIPAL = "access-analyzer.amazonaws.com"


class SomewhereLess(Reader):
    """A reader that knows of no IAM Access Analyzer in one region."""

    def offers(self, service: str, region: str) -> bool:
        return (service, region) != ("accessanalyzer", OTHER) and super().offers(service, region)


@pytest.fixture
def bare(world: World) -> World:
    return World(world.sandbox, only("access_analyzer"))


@pytest.fixture
def first(bare: World) -> World:
    """What the analyzers stand on, long ago."""
    bare.stand_before_the_last()
    bare.sandbox.clock.wait(3600)
    return bare


@pytest.fixture
def ready(bare: World) -> World:
    """All of it, long ago."""
    bare.stand()
    bare.sandbox.clock.wait(3600)
    return bare


def changes(plan: Plan) -> list[str]:
    return lines(part(plan, "access_analyzer").changes)


def blocked(plan: Plan) -> list[tuple[str, str]]:
    return [(one.where, one.reason) for one in part(plan, "access_analyzer").blocked]


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_the_organization_is_analyzed_from_outside_in_every_region_and_nothing_is_paid_for(
    ready: World, region: str
) -> None:
    assert AccessAnalyzer(ready, region).types() == {EXTERNAL: "ORGANIZATION"}
    assert AccessAnalyzer(ready, region).get(EXTERNAL)["status"] == "ACTIVE"
    assert AccessAnalyzer(ready, region, MANAGEMENT).types() == {}


def test_the_step_brings_its_trusted_access_and_its_administrator(ready: World) -> None:
    organizations = ready.client("organizations")
    administrators = organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)["DelegatedAdministrators"]
    assert [one["Id"] for one in administrators] == [ready.arrive().id_of("security-tooling")]


def test_nobody_but_the_administrator_is_entered_for_the_organization(ready: World) -> None:
    ready.plan()
    security = ready.arrive().id_of("security-tooling")
    assert {one.account_id for one in ready.records if one.service == "accessanalyzer"} == {security}
    assert calls(ready, "accessanalyzer:ListAnalyzers") == 2
    assert calls(ready, "accessanalyzer:GetAnalyzer") == calls(ready, "accessanalyzer:ListArchiveRules") == 0


def test_everything_is_created_as_config_says(bare: World) -> None:
    configure(bare, access_analyzer=EVERYTHING)
    bare.build()

    for region in (HOME, OTHER):
        there = AccessAnalyzer(bare, region)
        assert there.types() == {
            EXTERNAL: "ORGANIZATION",
            UNUSED: "ORGANIZATION_UNUSED_ACCESS",
            INTERNAL: "ORGANIZATION_INTERNAL_ACCESS",
            "sra-account-external-access": "ACCOUNT",
        }
        assert there.archive_rules(EXTERNAL) == {"trusted": TRUSTED}
        assert there.configuration(UNUSED) == {
            "age": 90,
            "rules": [
                {"accountIds": ["network", "log-archive"]},
                {"resourceTags": [{"team": "red"}, {"temporary": ""}]},
            ],
        }
        assert there.configuration(INTERNAL)["rules"] == [
            {"accountIds": ["log-archive"], "resourceTypes": ["AWS::S3::Bucket", "AWS::DynamoDB::Table"]},
            {"accountIds": ["network"], "resourceArns": ["arn:aws:s3:::secret"]},
        ]
        for name in (MANAGEMENT, "log-archive", "network", "workload-prod"):
            assert AccessAnalyzer(bare, region, name).types() == {"sra-account-external-access": "ACCOUNT"}


def test_an_analyzer_is_made_with_its_rules_in_one_call(first: World) -> None:
    configure(first, access_analyzer=EVERYTHING)
    first.build()
    assert writes(first) - {"sts:AssumeRole"} == {"access-analyzer:CreateAnalyzer"}


@pytest.mark.parametrize("section", ["unused_access", "internal_access"])
def test_what_is_paid_for_is_in_the_home_region_unless_config_says_all(first: World, section: str) -> None:
    name = f"sra-{section.replace('_', '-')}"
    configure(first, access_analyzer={section: EVERYTHING[section] | {"regions": "home"}})
    first.build()

    assert name in AccessAnalyzer(first, HOME).types()
    assert name not in AccessAnalyzer(first, OTHER).types()


def test_what_config_no_longer_wants_is_unmanaged_and_left(ready: World) -> None:
    configure(ready, access_analyzer=EVERYTHING)
    ready.build()
    configure(ready, access_analyzer={"external_access": {"enabled": False}, "unused_access": {"enabled": True}})

    plan = ready.plan()

    assert changes(plan) == [f"update security-tooling/{HOME} unused-access"]
    left = {str(one.address) for one in part(plan, "access_analyzer").unmanaged}
    assert f"security-tooling/{HOME} external-access {EXTERNAL}" in left
    assert f"security-tooling/{HOME} unused-access {UNUSED}" not in left


def test_an_analyzer_by_another_name_is_adopted_and_brought_to_what_is_wanted(first: World) -> None:
    there = AccessAnalyzer(first, HOME)
    there.api.create_analyzer(analyzerName="theirs", type="ORGANIZATION")
    there.api.create_analyzer(analyzerName="unused", type="ORGANIZATION_UNUSED_ACCESS")
    there.api.create_analyzer(analyzerName="own", type="ACCOUNT")
    first.sandbox.clock.wait(60)
    first.records.clear()
    configure(first, access_analyzer=EVERYTHING)

    plan = first.plan()
    put_back(first)

    assert f"update security-tooling/{HOME} external-access" in changes(plan)
    assert f"update security-tooling/{HOME} unused-access" in changes(plan)
    assert f"security-tooling/{HOME} account-external-access" not in " ".join(changes(plan))
    assert there.types() == {
        "theirs": "ORGANIZATION",
        "unused": "ORGANIZATION_UNUSED_ACCESS",
        "own": "ACCOUNT",
        INTERNAL: "ORGANIZATION_INTERNAL_ACCESS",
    }
    assert there.archive_rules("theirs") == {"trusted": TRUSTED}
    assert len(there.configuration("unused")["rules"]) == 2
    assert calls(first, "accessanalyzer:DeleteAnalyzer") == 0


def test_of_several_of_a_type_ours_is_managed_or_the_oldest_and_the_others_are_left(first: World) -> None:
    there = AccessAnalyzer(first, HOME)
    for name in ("older", "newer"):
        there.api.create_analyzer(analyzerName=name, type="ORGANIZATION")
        first.sandbox.clock.wait(60)
    rules = {"external_access": {"archive_rules": {"trusted": TRUSTED}}}
    configure(first, access_analyzer=rules)
    put_back(first)
    assert (there.archive_rules("older"), there.archive_rules("newer")) == ({"trusted": TRUSTED}, {})
    unmanaged = [one.address.name for one in part(first.plan(), "access_analyzer").unmanaged]
    assert unmanaged == ["newer"]

    there.api.create_analyzer(analyzerName=EXTERNAL, type="ORGANIZATION")
    first.sandbox.clock.wait(60)
    put_back(first)
    assert there.archive_rules(EXTERNAL) == {"trusted": TRUSTED}
    first.apply(first.plan(destroy=True))
    org = first.arrive()
    assert set(analyzers_of(str(org.id_of("security-tooling")), HOME)) == {"older", "newer"}


def test_an_analyzer_of_an_aws_service_is_not_adopted(first: World) -> None:
    there = AccessAnalyzer(first, HOME)
    there.api.create_analyzer(analyzerName="hub", type="ORGANIZATION_UNUSED_ACCESS")
    analyzers_of(str(first.arrive().id_of("security-tooling")), HOME)["hub"].manager = "securityhubv2.amazonaws.com"
    configure(first, access_analyzer={"unused_access": {"enabled": True}})
    put_back(first)
    assert {"hub", UNUSED} < set(there.types())


def test_another_administrator_blocks_the_analyzers_and_is_named(first: World) -> None:
    organizations, org = first.client("organizations"), first.arrive()
    security, network = org.id_of("security-tooling"), org.id_of("network")
    organizations.deregister_delegated_administrator(AccountId=security, ServicePrincipal=PRINCIPAL)
    organizations.register_delegated_administrator(AccountId=network, ServicePrincipal=PRINCIPAL)

    plan = first.plan()
    outcome = first.apply(plan)

    [reported] = part(plan, "delegated_administrators").blocked
    assert reported.reason == f"{PRINCIPAL} is administered by network ({network})."
    assert "deregister-delegated-administrator" in reported.remedy
    assert changes(plan) == []
    assert [where for where, _ in blocked(plan)] == [
        f"security-tooling/{region} external-access" for region in (HOME, OTHER)
    ]
    assert (outcome.done, outcome.failed) == ([], [])
    assert AccessAnalyzer(first, HOME).types() == {}


def test_config_may_name_another_administrator(bare: World) -> None:
    configure(bare, delegated_administrators={"administrators": {PRINCIPAL: "log_archive"}})
    bare.build()
    assert AccessAnalyzer(bare, HOME, "log-archive").types() == {EXTERNAL: "ORGANIZATION"}
    assert AccessAnalyzer(bare, HOME).types() == {}
    assert bare.plan().empty


def test_a_disabled_analyzer_is_active_again_once_its_account_administers(ready: World) -> None:
    registration = {"AccountId": ready.arrive().id_of("security-tooling"), "ServicePrincipal": PRINCIPAL}
    ready.client("organizations").deregister_delegated_administrator(**registration)
    ready.records.clear()

    plan = ready.plan()
    put_back(ready)

    assert pending(plan) == [
        f"create organization delegated-administrator {PRINCIPAL}",
        f"update security-tooling/{HOME} external-access",
        f"update security-tooling/{OTHER} external-access",
    ]
    assert AccessAnalyzer(ready, HOME).get(EXTERNAL)["status"] == "ACTIVE"
    assert writes(ready) - {"sts:AssumeRole"} == {"organizations:RegisterDelegatedAdministrator"}


def test_an_analyzer_that_stays_disabled_is_reported(ready: World) -> None:
    ready.sandbox.settings.delegation_seconds = 1e6

    plan = ready.plan()
    outcome = ready.apply(plan)

    assert changes(plan) == [f"update security-tooling/{region} external-access" for region in (HOME, OTHER)]
    assert {failed.reason for failed in outcome.failed} == {
        "The analyzer is not active, although security-tooling administers it."
    }


def test_an_analyzer_that_has_failed_is_reported_and_not_deleted(first: World) -> None:
    first.sandbox.settings.denied = frozenset({"iam:CreateServiceLinkedRole"})
    outcome = first.apply(first.plan())
    reason = f"The analyzer {EXTERNAL} is FAILED (SERVICE_LINKED_ROLE_CREATION_FAILED)."
    assert {failed.reason for failed in outcome.failed} == {reason}

    plan = first.plan()

    assert [why for _, why in blocked(plan)] == [reason, reason]
    [home, _] = part(plan, "access_analyzer").blocked
    assert f"delete-analyzer --region {HOME} --analyzer-name {EXTERNAL}, in the account" in home.remedy
    first.sandbox.settings.denied = frozenset()
    for region in (HOME, OTHER):
        AccessAnalyzer(first, region).api.delete_analyzer(analyzerName=EXTERNAL)
    put_back(first)


def test_an_analyzer_that_works_is_adopted_before_one_that_has_failed(first: World) -> None:
    there = AccessAnalyzer(first, HOME)
    first.sandbox.settings.denied = frozenset({"iam:CreateServiceLinkedRole"})
    there.api.create_analyzer(analyzerName=EXTERNAL, type="ORGANIZATION")
    first.sandbox.settings.denied = frozenset()
    there.api.create_analyzer(analyzerName="works", type="ORGANIZATION")
    first.sandbox.clock.wait(60)
    assert changes(first.plan()) == [f"create security-tooling/{OTHER} external-access"]


def test_an_analyzer_on_its_way_is_waited_for(first: World) -> None:
    first.sandbox.settings.enabling_seconds = 300
    put_back(first)
    assert AccessAnalyzer(first, HOME).get(EXTERNAL)["status"] == "ACTIVE"


def test_the_administrator_is_waited_for_however_long_it_takes(bare: World) -> None:
    bare.sandbox.settings.delegation_seconds = 300
    bare.build()
    assert AccessAnalyzer(bare, HOME).types() == {EXTERNAL: "ORGANIZATION"}


def test_an_age_that_aws_does_not_change_is_reported_and_nothing_is_deleted(first: World) -> None:
    first.sandbox.settings.accessanalyzer_age_is_final = True
    configure(first, access_analyzer={"unused_access": {"enabled": True}})
    first.build()
    configure(first, access_analyzer={"unused_access": {"enabled": True, "age": 30}})
    first.records.clear()

    outcome = first.apply(first.plan())

    [failed] = outcome.failed
    assert failed.where == f"security-tooling/{HOME} unused-access"
    assert f"does not change the age of the analyzer {UNUSED}" in failed.reason
    assert "Set unused_access.age to 90" in failed.remedy
    assert f"delete-analyzer --region {HOME} --analyzer-name {UNUSED}, in the account" in failed.remedy
    assert AccessAnalyzer(first, HOME).configuration(UNUSED)["age"] == 90
    assert calls(first, "accessanalyzer:DeleteAnalyzer") == 0


def test_a_name_that_another_type_has_is_reported(first: World) -> None:
    AccessAnalyzer(first, HOME).api.create_analyzer(analyzerName=EXTERNAL, type="ACCOUNT")

    outcome = first.apply(first.plan())

    [failed] = outcome.failed
    assert failed.reason == "AWS creates no analyzer of type ORGANIZATION, and shows none."
    assert EXTERNAL in failed.remedy
    assert AccessAnalyzer(first, OTHER).types() == {EXTERNAL: "ORGANIZATION"}


def test_the_only_analyzer_of_internal_access_may_be_elsewhere(first: World) -> None:
    kind = "ORGANIZATION_INTERNAL_ACCESS"
    AccessAnalyzer(first, HOME, MANAGEMENT).api.create_analyzer(analyzerName="theirs", type=kind)
    internal = EVERYTHING["internal_access"] | {"regions": "home"}
    configure(first, access_analyzer={"internal_access": internal})

    outcome = first.apply(first.plan())

    [failed] = outcome.failed
    assert failed.where == f"security-tooling/{HOME} internal-access"
    assert f"the only one that AWS allows in {HOME}" in failed.remedy
    assert AccessAnalyzer(first, HOME, MANAGEMENT).types() == {"theirs": kind}


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        ({"exclude_accounts": ("netwrok",)}, "config.yaml names netwrok, which is no account."),
        ({"exclude_accounts": ("security-tooling",)}, "AWS leaves out no account that has it."),
    ],
)
def test_accounts_that_cannot_be_left_out_are_reported(first: World, section: dict[str, Any], reason: str) -> None:
    configure(first, access_analyzer={"unused_access": {"enabled": True} | section})

    plan = first.plan()

    [(where, why)] = blocked(plan)
    assert where == f"security-tooling/{HOME} unused-access"
    assert why.endswith(reason)
    assert len(changes(plan)) == 2


def test_resources_of_an_unknown_account_are_reported(first: World) -> None:
    resources = ({"accounts": ("netwrok",), "types": ("AWS::S3::Bucket",)},)
    configure(first, access_analyzer={"internal_access": {"enabled": True, "resources": resources}})
    [(_, why)] = blocked(first.plan())
    assert why == "config.yaml names netwrok, which is no account."


def test_an_account_that_config_does_not_name_is_left_out_by_its_address(first: World) -> None:
    open_account(first, "Theirs", "theirs@example.com")
    configure(first, access_analyzer={"unused_access": {"enabled": True, "exclude_accounts": ("theirs@example.com",)}})
    put_back(first)
    assert AccessAnalyzer(first).configuration(UNUSED)["rules"] == [{"accountIds": ["theirs@example.com"]}]


def test_accounts_that_join_get_an_analyzer_and_suspended_ones_are_left_out(ready: World) -> None:
    configure(ready, access_analyzer={"account_analyzers": True})
    ready.build()
    close_account(ready, "network")
    want(ready, account("sandbox", "Workloads"))

    plan = ready.plan()
    outcome = ready.apply(plan)

    assert outcome.failed == []
    assert f"create sandbox/{HOME} account-external-access" in changes(plan)
    assert not any("network" in line for line in changes(plan))
    assert AccessAnalyzer(ready, OTHER, "sandbox").types() == {"sra-account-external-access": "ACCOUNT"}


def test_a_suspended_account_stays_left_out(ready: World) -> None:
    configure(ready, access_analyzer={"unused_access": {"enabled": True, "exclude_accounts": ("network",)}})
    ready.build()
    close_account(ready, "network")
    assert changes(ready.plan()) == []


def test_a_region_more_gets_its_analyzer(ready: World) -> None:
    govern(ready, HOME, OTHER, "eu-central-1")
    plan = ready.plan()
    put_back(ready)
    assert changes(plan) == ["create security-tooling/eu-central-1 external-access"]


def test_a_region_without_the_service_is_left_out_and_noted(ready: World) -> None:
    step, org = ready.step("access_analyzer"), ready.arrive()
    observed = list(step.observe(Target("security-tooling", OTHER), org, SomewhereLess(ready.connection, org)))
    assert [one.reason for one in observed if isinstance(one, Unavailable)] == [
        f"IAM Access Analyzer is not offered in {OTHER}."
    ]
    assert len(observed) == 1


@pytest.mark.parametrize("action", sorted(Step.reads))
def test_what_cannot_be_read_is_blocked(first: World, action: str) -> None:
    configure(first, access_analyzer=EVERYTHING)
    first.build()
    first.sandbox.settings.denied = frozenset({action})

    plan = first.plan()

    assert pending(plan) == []
    assert {where for where, _ in blocked(plan)} >= {f"security-tooling/{region}" for region in (HOME, OTHER)}
    remedies = {one.remedy for one in part(plan, "access_analyzer").blocked if "cannot be read" in one.reason}
    assert [remedy.partition(",")[0] for remedy in remedies] == ["Allow the caller this action"]


def test_an_analyzer_that_is_shown_late_is_not_created_twice(first: World) -> None:
    reviewed = first.plan()
    first.build()
    org = first.arrive()
    step = first.step("access_analyzer")
    for change in part(reviewed, "access_analyzer").changes:
        step.apply(change, org, first.connection.writer(org))
    assert AccessAnalyzer(first).types() == {EXTERNAL: "ORGANIZATION"}
    assert first.plan().empty


def test_another_process_goes_on_where_one_ended(first: World) -> None:
    AccessAnalyzer(first, HOME).api.create_analyzer(analyzerName=EXTERNAL, type="ORGANIZATION")
    start_again(first)
    put_back(first)
    assert AccessAnalyzer(first, OTHER).types() == {EXTERNAL: "ORGANIZATION"}


def test_destroying_deletes_the_analyzers_before_the_administrator_goes(ready: World) -> None:
    configure(ready, access_analyzer=EVERYTHING)
    ready.build()
    ready.records.clear()
    org = ready.arrive()

    plan = ready.plan(destroy=True)
    outcome = ready.apply(plan)

    assert part(plan, "access_analyzer").kept == ()
    assert len(changes(plan)) == 6 + 10
    assert clean(outcome)
    names = [record.operation for record in ready.records if not record.read and record.service != "sts"]
    assert names.index("DeregisterDelegatedAdministrator") > max(
        index for index, name in enumerate(names) if name == "DeleteAnalyzer"
    )
    for live in org.live_accounts():
        assert analyzers_of(live.id, HOME) == analyzers_of(live.id, OTHER) == {}


@pytest.mark.parametrize(
    "section",
    [
        {"unused_access": {"age": 0}},
        {"unused_access": {"age": 366}},
        {"internal_access": {"enabled": True}},
        {"internal_access": {"resources": ({"accounts": ("network",)},)}},
        {"internal_access": {"resources": ({"accounts": (), "types": ("AWS::S3::Bucket",)},)}},
        {"internal_access": {"resources": ({"accounts": ("network",), "types": ("AWS::KMS::Key",)},)}},
        {"external_access": {"archive_rules": {"1st": TRUSTED}}},
        {"external_access": {"archive_rules": {"empty": {}}}},
        {"external_access": {"archive_rules": {"says-nothing": {"isPublic": {}}}}},
        {"external_access": {"archive_rules": {"many": {"resource": {"eq": ["x"] * 21}}}}},
    ],
)
def test_what_aws_would_refuse_is_no_config(section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Step.Config(**section)
