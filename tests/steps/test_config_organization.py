from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.sandbox.services.config_organization_aggregators import Aggregator, aggregators_of
from sra_bootstrap.sandbox.services.config_organization_documents import TEMPLATES, publish
from tests.steps.by_hand import calls, clean, close_account, configure, lines, part, put_back, unmanaged
from tests.steps.config_organization_by_hand import (
    AMAZONS,
    CONFIG,
    HOME,
    HOURS,
    OTHER,
    OWN,
    SECURITY,
    Config,
    publish_again,
)
from tests.world import World, pipeline

STEP = "config_organization"
ROLE = "sra-config-aggregator"


@pytest.fixture
def world() -> Iterator[World]:
    """An organization with the aggregator, and nothing that is deployed."""
    with sandbox.in_process() as running:
        standing = World(running, pipeline(STEP))
        standing.stand()
        yield standing


def want(world: World, **config: Any) -> None:
    configure(world, **{STEP: config})


def changes(world: World) -> list[str]:
    return lines(world.plan().changes)


def test_the_security_tooling_account_aggregates_all_regions_of_the_organization(world: World) -> None:
    (aggregator,) = Config(world).aggregators().values()
    source = aggregator["OrganizationAggregationSource"]

    account_id = world.arrive().id_of(SECURITY)
    assert source == {"RoleArn": f"arn:aws:iam::{account_id}:role/{ROLE}", "AllAwsRegions": True}
    organizations = world.client("organizations")
    services = organizations.list_delegated_services_for_account(AccountId=account_id)["DelegatedServices"]
    principals = {service["ServicePrincipal"] for service in services}
    assert principals == {"config.amazonaws.com", "config-multiaccountsetup.amazonaws.com"}
    assert Config(world, OTHER).aggregators() == {}


def test_an_aggregator_of_another_name_is_adopted_and_those_of_others_are_left_alone(world: World) -> None:
    config = Config(world)
    ours = config.aggregators()["sra-organization"]["OrganizationAggregationSource"]
    config.api.delete_configuration_aggregator(ConfigurationAggregatorName="sra-organization")
    few = {"RoleArn": ours["RoleArn"], "AwsRegions": [OTHER]}
    put = config.api.put_configuration_aggregator
    put(ConfigurationAggregatorName="theirs", OrganizationAggregationSource=few)
    account_id = str(world.arrive().id_of(SECURITY))
    sources = [{"AccountIds": [account_id], "AllAwsRegions": True}]
    put(ConfigurationAggregatorName="accounts", AccountAggregationSources=sources)
    linked = Aggregator("aws-controltower", "arn", organization=ours, created_by="controltower.amazonaws.com")
    aggregators_of(account_id, HOME)["aws-controltower"] = linked

    plan = world.plan()

    assert lines(plan.changes) == [f"update {SECURITY}/{HOME} aggregator"]
    assert plan.changes[0].after == {"regions": "all"}
    assert unmanaged(plan, STEP) == ["accounts"]
    (note,) = part(plan, STEP).notes
    assert "controltower.amazonaws.com has the aggregator aws-controltower" in note
    put_back(world)
    assert set(config.aggregators()) == {"theirs", "accounts", "aws-controltower"}
    assert config.aggregators()["theirs"]["OrganizationAggregationSource"] == ours


def test_who_administers_config_is_what_config_yaml_says(world: World) -> None:
    administrators = dict.fromkeys(("config.amazonaws.com", "config-multiaccountsetup.amazonaws.com"), "log_archive")
    configure(world, delegated_administrators={"administrators": administrators}, config_organization=CONFIG)

    addresses = {resource.address.at.account for resource in world.step(STEP).desired(world.arrive())}

    assert addresses == {"log-archive"}


def test_packs_and_rules_are_deployed_region_by_region_to_all_accounts_but_those_left_out(world: World) -> None:
    for account in (MANAGEMENT, "network"):
        Config(world, HOME, account).record()
    want(world, **CONFIG)

    assert changes(world) == [
        f"create {SECURITY}/{HOME} conformance-pack pci",
        f"create {SECURITY}/{OTHER} conformance-pack pci",
        f"create {SECURITY}/{HOME} conformance-pack own",
        f"create {SECURITY}/{HOME} organization-rule keys",
        f"create {SECURITY}/{OTHER} organization-rule keys",
    ]
    put_back(world)

    assert set(Config(world).packs()) == {"pci", "own"}
    assert set(Config(world, OTHER).packs()) == {"pci"}
    assert Config(world).template("pci") == f"{AMAZONS}:1"
    assert [name.rpartition("-conformance")[0] for name in Config(world, HOME, MANAGEMENT).in_account()] == [
        *("access-keys-rotated", "encrypted-volumes", "root-account-mfa-enabled", "volumes")
    ]
    network = sorted(Config(world, HOME, "network").in_account())
    assert [name.split("-")[0] for name in network] == ["OrgConfigRule", "volumes"]
    assert Config(world, OTHER, MANAGEMENT).in_account() == []
    notes = part(world.plan(), STEP).notes
    assert any(f"keys is not in workload-prod in {HOME} yet. It has joined without" in note for note in notes)
    world.records.clear()
    assert world.plan().empty
    assert calls(world, "config:GetOrganizationConformancePackDetailedStatus") == 3


def test_another_file_or_a_newer_template_of_amazon_is_a_change(world: World, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN.read_text())
    packs = {"own": {"file": str(file), "regions": "home"}, "pci": {"template": AMAZONS}}
    want(world, conformance_packs=packs)
    put_back(world)
    file.write_text(OWN.read_text().replace("volumes", "disks"))
    want(world, conformance_packs=packs)
    publish_again(world)

    plan = world.plan()

    assert lines(plan.changes) == [
        f"update {SECURITY}/{HOME} conformance-pack own",
        f"update {SECURITY}/{OTHER} conformance-pack pci",
    ]
    assert [set(change.after) for change in plan.changes] == [{"template"}, {"template"}]
    assert plan.changes[1].before == {"template": f"{AMAZONS}:1"}
    put_back(world)
    assert Config(world, OTHER).template("pci") == f"{AMAZONS}:2"


def test_a_change_that_is_killed_before_the_tag_is_made_again(world: World, tmp_path: Path) -> None:
    Config(world).put_pack("own", DeliveryS3Bucket="awsconfigconforms-theirs")
    want(world, conformance_packs={"own": {"file": str(OWN), "regions": "home"}})

    plan = world.plan()

    assert lines(plan.changes) == [f"update {SECURITY}/{HOME} conformance-pack own"]
    assert plan.changes[0].before == {"template": None}
    put_back(world)
    assert Config(world).packs()["own"]["DeliveryS3Bucket"] == "awsconfigconforms-theirs"


def test_what_cannot_be_had_is_said_before_anything_is_done(world: World) -> None:
    packs = {
        "pci": {"template": "AWSConformancePacks-NoSuch"},
        "own": {"file": str(OWN), "exclude_accounts": ["netwrok"]},
    }
    want(world, conformance_packs=packs, rules={"r": {"identifier": "ENCRYPTED_VOLUMES", "exclude_accounts": ["x"]}})

    plan = world.plan()

    assert plan.changes == ()
    reasons = [blocked.reason for blocked in plan.blocked if blocked.where.startswith(f"{SECURITY}/{HOME}")]
    assert reasons == [
        f"AWS has no template AWSConformancePacks-NoSuch in {HOME}.",
        "There is no account netwrok in config.yaml.",
        "There is no account x in config.yaml.",
    ]


def test_a_template_of_amazon_that_is_too_long_is_not_sent(world: World) -> None:
    publish(str(world.arrive().id_of(SECURITY)), HOME, AMAZONS, TEMPLATES[AMAZONS] + "#" * 51_200)
    want(world, conformance_packs={"pci": {"template": AMAZONS, "regions": "home"}})

    outcome = world.apply(world.plan())

    (failure,) = outcome.failed
    assert "bytes, and a request takes 51200" in failure.reason
    assert calls(world, "config:PutOrganizationConformancePack") == 0


def test_accounts_to_which_a_rule_could_not_be_deployed_are_a_change_that_fails_until_they_record(
    world: World,
) -> None:
    world.sandbox.clock.wait(7 * HOURS)
    for account in (MANAGEMENT, SECURITY, "log-archive"):
        Config(world, HOME, account).record()
    rule = {"identifier": "ENCRYPTED_VOLUMES", "regions": "home"}
    want(world, rules={"volumes": {**rule, "exclude_accounts": ["workload-prod"]}})

    (failure,) = world.apply(world.plan()).failed

    assert failure.reason.startswith(f"The rule volumes is not in network in {HOME}: NoAvailableConfigurationRecorder")
    assert "exclude_accounts" in failure.remedy
    plan = world.plan()
    assert lines(plan.changes) == [f"update {SECURITY}/{HOME} organization-rule volumes"]
    assert plan.changes[0].after == {"deployed": "everywhere"}
    assert plan.changes[0].before == {"deployed": "not in network (NoAvailableConfigurationRecorderException)"}
    Config(world, HOME, "network").record()
    put_back(world)


def test_an_account_that_is_suspended_is_not_missed(world: World) -> None:
    want(
        world,
        rules={"volumes": {"identifier": "ENCRYPTED_VOLUMES", "exclude_accounts": ["network"], "regions": "home"}},
    )
    put_back(world)
    close_account(world, "network")
    close_account(world, "workload-prod")
    for account in (MANAGEMENT, SECURITY, "log-archive"):
        Config(world, HOME, account).record()
    world.sandbox.clock.wait(7 * HOURS)
    world.apply(world.plan())

    service = part(world.plan(), STEP)

    assert (service.changes, service.notes) == ((), ())


def test_whoever_else_is_at_work_is_waited_for(world: World) -> None:
    busy = Config(world).api
    busy.put_organization_conformance_pack(OrganizationConformancePackName="theirs", TemplateBody=OWN.read_text())
    want(world, conformance_packs={"own": {"file": str(OWN), "regions": "home"}})

    outcome = world.apply(world.plan())

    assert clean(outcome), outcome
    assert set(Config(world).packs()) == {"theirs", "own"}


def test_destroying_removes_what_config_yaml_names_and_leaves_what_is_of_others(world: World) -> None:
    want(world, **CONFIG)
    put_back(world)
    config = Config(world)
    config.put_pack("theirs")
    config.put_rule("theirs", Description="Theirs.")

    plan = world.plan()
    assert unmanaged(plan, STEP) == ["theirs", "theirs"]
    assert plan.empty
    outcome = world.apply(world.plan([world.step(STEP)], destroy=True), [world.step(STEP)])

    assert clean(outcome), outcome
    assert (set(config.packs()), set(config.rules()), config.aggregators()) == ({"theirs"}, {"theirs"}, {})
    assert Config(world, OTHER).packs() == {}
    assert world.plan([world.step(STEP)], destroy=True).changes == ()


def test_a_rule_keeps_what_is_not_ours(world: World) -> None:
    Config(world).put_rule("keys", Description="Theirs.", InputParameters=json.dumps({"kmsId": "x"}))
    want(world, rules={"keys": {"identifier": "ENCRYPTED_VOLUMES", "regions": "home"}})

    assert world.plan().changes[0].after == {"parameters": ()}
    put_back(world)

    metadata = Config(world).rules()["keys"]["OrganizationManagedRuleMetadata"]
    assert metadata == {"RuleIdentifier": "ENCRYPTED_VOLUMES", "Description": "Theirs."}


@pytest.mark.parametrize(
    ("pack", "words"),
    [
        ({}, "it must have either a template of AWS, or a file"),
        ({"template": AMAZONS, "file": str(OWN)}, "it must have either a template of AWS, or a file"),
        ({"template": "Operational-Best-Practices"}, "should match pattern"),
        ({"file": "nowhere.yaml"}, 'the file "nowhere.yaml" cannot be read'),
    ],
)
def test_what_a_pack_must_have(pack: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pipeline(STEP, **{STEP: {"conformance_packs": {"one": pack}}})


def test_a_file_that_aws_would_not_take_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "long.yaml"
    file.write_text("#" * 51_201)
    with pytest.raises(ValueError, match="has 51201 bytes, and AWS takes a template of at most 51200"):
        pipeline(STEP, **{STEP: {"conformance_packs": {"one": {"file": str(file)}}}})
