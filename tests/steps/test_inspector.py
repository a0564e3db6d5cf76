from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from sra_bootstrap import sandbox
from sra_bootstrap.aws import Reader
from sra_bootstrap.model import MANAGEMENT, Plan, Target, Unavailable
from steps.inspector import Inspector as Step
from tests.steps.by_hand import (
    calls,
    clean,
    configure,
    govern,
    lines,
    open_account,
    part,
    put_back,
    want,
    writes,
)
from tests.steps.inspector_by_hand import FIELDS, HOME, OTHER, TYPES, Inspector
from tests.world import World, account, only, pipeline

NAMES = (MANAGEMENT, "log-archive", "network", "workload-prod")
ON = dict.fromkeys(TYPES, "ENABLED")
KINDS = ("administrator", "scans", "organization-configuration", "configuration", "members")


class SomewhereLess(Reader):
    """A reader that knows of no Inspector in one region."""

    def offers(self, service: str, region: str) -> bool:
        return (service, region) != ("inspector2", OTHER) and super().offers(service, region)


@pytest.fixture
def bare() -> Iterator[World]:
    """A bare management account, and the pipeline up to Inspector."""
    with sandbox.in_process() as running:
        yield World(running, only("inspector"))


@pytest.fixture
def first(bare: World) -> World:
    """An organization with everything that Inspector stands on."""
    bare.stand_before_the_last()
    bare.records.clear()
    return bare


@pytest.fixture
def scanned(bare: World) -> World:
    """An organization that was just built."""
    bare.stand()
    Inspector(bare, OTHER).wait()
    bare.records.clear()
    return bare


def places(plan: Plan) -> list[str]:
    return lines(part(plan, "inspector").changes)


def delegate(world: World, key: str, region: str) -> str:
    account_id = str(world.arrive().id_of(key))
    management = world.client("inspector2", MANAGEMENT, region)
    management.enable_delegated_admin_account(delegatedAdminAccountId=account_id)
    world.sandbox.clock.wait(world.sandbox.settings.delegation_seconds)
    world.records.clear()
    return account_id


def administrators(world: World, region: str) -> list[str]:
    listed = world.client("inspector2", MANAGEMENT, region).list_delegated_admin_accounts()
    return [one["accountId"] for one in listed["delegatedAdminAccounts"]]


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_everything_is_scanned_in_every_account_and_region(scanned: World, region: str) -> None:
    there = Inspector(scanned, region)

    assert administrators(scanned, region) == [scanned.arrive().id_of("security-tooling")]
    assert there.members() == dict.fromkeys(NAMES, "ENABLED")
    for name in (*NAMES, "security-tooling"):
        assert there.scans(name) == ON
        assert Inspector(scanned, region, name).scans(name) == ON
    assert there.auto_enable() == dict.fromkeys(FIELDS.values(), True) | {"ami": False}
    configuration = there.configuration()
    rescan = configuration["ecrConfiguration"]["rescanDurationState"]
    assert (rescan["rescanDuration"], rescan["pullDateRescanDuration"]) == ("DAYS_14", "DAYS_14")
    assert configuration["ec2Configuration"]["scanModeState"]["scanMode"] == "EC2_HYBRID"
    for name in NAMES:
        deep = Inspector(scanned, region, name).api.get_ec2_deep_inspection_configuration()
        assert deep["status"] == "ACTIVATED"


def test_what_config_says_of_scans_is_set_for_all(bare: World) -> None:
    configure(
        bare,
        inspector={
            "ecr_rescan": {"since_push": "LIFETIME", "since_pull": "DAYS_90", "pull_mode": "LAST_PULL_DATE"},
            "ec2_scan_mode": "EC2_SSM_AGENT_BASED",
            "deep_inspection": False,
            "deep_inspection_paths": ["/srv/lib", "/opt/lib"],
        },
    )

    bare.build()

    Inspector(bare, OTHER).wait()
    for name in ("security-tooling", "network"):
        there = Inspector(bare, OTHER, name)
        rescan = there.configuration()["ecrConfiguration"]["rescanDurationState"]
        assert rescan["rescanDuration"] == "LIFETIME"
        assert (rescan["pullDateRescanDuration"], rescan["pullDateRescanMode"]) == ("DAYS_90", "LAST_PULL_DATE")
        assert there.configuration()["ec2Configuration"]["scanModeState"]["scanMode"] == "EC2_SSM_AGENT_BASED"
        deep = there.api.get_ec2_deep_inspection_configuration()
        assert (deep["status"], deep["orgPackagePaths"]) == ("DEACTIVATED", ["/opt/lib", "/srv/lib"])
    assert bare.plan().empty


def test_what_is_on_its_way_is_no_drift(bare: World) -> None:
    bare.sandbox.settings.enabling_seconds = 100

    bare.build()

    assert set(Inspector(bare, OTHER).scans("network").values()) == {"ENABLING"}
    assert bare.plan().empty
    Inspector(bare, OTHER).wait()
    inspector = Inspector(bare, OTHER)
    inspector.api.disable(accountIds=[inspector.id_of("network")], resourceTypes=["ECR"])
    [change] = bare.plan().changes
    assert change.after == {"network": {"scans": {"ecr": "ENABLED"}}}
    put_back(bare)


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_another_administrator_blocks_all_regions_with_who_and_what_to_do_and_is_never_replaced(
    first: World, region: str
) -> None:
    network = delegate(first, "network", region)

    plan = first.plan()
    outcome = first.apply(plan)

    home, other, *others = part(plan, "inspector").blocked
    assert [home.where, other.where] == [f"management/{one} administrator" for one in (HOME, OTHER)]
    assert home.reason == f"Inspector is administered by network ({network}), and has one administrator only."
    assert f"disable-delegated-admin-account --delegated-admin-account-id {network}" in home.remedy
    assert f"--service-principal inspector2.amazonaws.com --account-id {network}" in home.remedy
    assert {blocked.where for blocked in others} == {
        f"security-tooling/{one} {kind}" for one in (HOME, OTHER) for kind in KINDS[1:]
    }
    assert places(plan) == []
    assert outcome.drift is None
    assert administrators(first, region) == [network]
    assert {write for write in writes(first) if write.startswith("inspector2:")} == set()


def test_an_administrator_of_ours_in_one_region_is_adopted(first: World) -> None:
    delegate(first, "security-tooling", HOME)

    plan = first.plan()

    assert f"create management/{HOME} administrator" not in places(plan)
    assert f"create management/{OTHER} administrator" in places(plan)
    put_back(first)


def test_scans_that_are_on_already_are_adopted_and_completed(first: World) -> None:
    for key in ("security-tooling", "network", MANAGEMENT):
        first.client("inspector2", key, OTHER).enable(resourceTypes=["EC2"])
    Inspector(first, OTHER).wait()

    plan = first.plan()

    [change] = [c for c in plan.changes if c.address.kind == "scans" and c.address.at.region == OTHER]
    assert (change.action, set(change.after)) == ("update", set(TYPES) - {"ec2"})
    put_back(first)
    assert set(Inspector(first, OTHER).scans("network").values()) <= {"ENABLED", "ENABLING"}


def test_a_scan_type_that_a_region_does_not_list_is_left_out_there_with_a_note(bare: World) -> None:
    bare.sandbox.settings.inspector_missing_scan_types = {OTHER: frozenset({"CODE_REPOSITORY"})}

    bare.build()
    plan = bare.plan()

    assert plan.empty
    Inspector(bare, OTHER).wait()
    listed = set(TYPES) - {"code_repository"}
    assert Inspector(bare, OTHER).scans("network") == dict.fromkeys(listed, "ENABLED")
    assert Inspector(bare, OTHER).auto_enable()["codeRepository"] is False
    assert Inspector(bare, HOME).scans("network") == ON
    [note] = part(plan, "inspector").notes
    assert f"does not offer code_repository in {OTHER}" in note


def test_one_that_aws_lists_and_refuses_fails_with_what_to_write_and_is_left_out_once_it_is_written(
    first: World,
) -> None:
    first.sandbox.settings.inspector_missing_scan_types = {OTHER: frozenset({"LAMBDA_CODE"})}

    outcome = first.apply(first.plan())

    [failed] = outcome.failed
    assert failed.where == f"security-tooling/{OTHER} scans"
    assert f"Lambda code scanning is not supported in {OTHER}" in failed.reason
    assert f"steps.inspector.not_offered, such as {{{OTHER}: [lambda_code]}}" in failed.remedy
    Inspector(first, HOME).wait()
    assert Inspector(first, HOME).scans("network")["lambda_code"] == "ENABLED"

    configure(first, inspector={"not_offered": {OTHER: ["lambda_code"]}})
    plan = first.plan()
    put_back(first)

    assert any(f"lambda_code is not scanned in {OTHER}" in note for note in part(plan, "inspector").notes)
    Inspector(first, OTHER).wait()
    assert Inspector(first, OTHER).scans("network") == ON | {"lambda_code": "DISABLED"}
    assert Inspector(first, OTHER).auto_enable()["lambdaCode"] is False
    assert Inspector(first, HOME).scans("network") == ON


def test_where_standard_scanning_of_functions_is_not_offered_neither_is_that_of_their_code(first: World) -> None:
    first.sandbox.settings.inspector_missing_scan_types = {OTHER: frozenset({"LAMBDA", "LAMBDA_CODE"})}
    configure(first, inspector={"not_offered": {OTHER: ["lambda_standard"]}})

    put_back(first)

    assert Inspector(first, OTHER).auto_enable()["lambdaCode"] is False


def test_a_denied_enabling_is_told_apart_from_a_region_without_the_scan_type(first: World) -> None:
    plan = first.plan()
    first.sandbox.settings.denied = frozenset({"inspector2:Enable"})

    outcome = first.apply(plan)

    failed = [one for one in outcome.failed if one.where.endswith("scans")]
    assert len(failed) == 2
    assert all("not_offered" not in one.remedy and "Allow the caller" in one.remedy for one in failed)


def test_a_region_without_inspector_is_left_out_with_a_note(scanned: World) -> None:
    # Every region that botocore knows has Inspector today, so it is made to forget one.
    forgotten = SomewhereLess(scanned.connection, scanned.arrive())

    for at in (Target(MANAGEMENT, OTHER), Target("security-tooling", OTHER)):
        observed = list(scanned.step("inspector").observe(at, scanned.arrive(), forgotten))

        unavailable = [one for one in observed if isinstance(one, Unavailable) and one.path == ()]
        assert (
            len(unavailable)
            == len(observed)
            == len([kind for kind in KINDS if (kind == KINDS[0]) == (at.account == MANAGEMENT)])
        )
        assert {one.reason for one in unavailable} == {f"Inspector is not offered in {OTHER}."}


def test_the_delegation_that_is_taken_away_in_a_region_is_given_back_with_all_that_went_with_it(
    scanned: World,
) -> None:
    management = scanned.client("inspector2", MANAGEMENT, OTHER)
    administrator = scanned.arrive().id_of("security-tooling")
    management.disable_delegated_admin_account(delegatedAdminAccountId=administrator)

    plan = scanned.plan()

    assert places(plan) == [
        f"create management/{OTHER} administrator",
        f"create security-tooling/{OTHER} organization-configuration",
        f"create security-tooling/{OTHER} members",
    ]
    put_back(scanned)
    assert set(Inspector(scanned, OTHER).members()) == set(NAMES)


def test_accounts_that_config_does_not_name_are_members_too(scanned: World) -> None:
    scanned.sandbox.settings.auto_enable_seconds = 1e9
    open_account(scanned, "Theirs", "theirs@example.com")

    plan = scanned.plan()

    assert places(plan) == [f"update security-tooling/{region} members" for region in (HOME, OTHER)]
    assert {name for change in plan.changes for name in change.after} == {"theirs@example.com"}
    put_back(scanned)
    assert Inspector(scanned, OTHER).members()["theirs@example.com"] == "ENABLED"


def test_an_account_that_joins_is_enrolled_by_inspector_itself(scanned: World) -> None:
    open_account(scanned, "Theirs", "theirs@example.com")
    scanned.sandbox.clock.wait(scanned.sandbox.settings.auto_enable_seconds)

    assert scanned.plan().empty
    Inspector(scanned, OTHER).wait()
    assert Inspector(scanned, OTHER).scans("theirs@example.com") == ON


def test_a_failed_account_is_tried_again_and_told_of_in_the_end(scanned: World) -> None:
    inspector = Inspector(scanned, OTHER)
    inspector.api.disable(accountIds=[inspector.id_of("network")], resourceTypes=["ECR"])
    plan = scanned.plan()
    scanned.sandbox.settings.enabling_seconds = 1e9
    inspector.api.disable(accountIds=[inspector.id_of("network")], resourceTypes=["EC2"])

    outcome = scanned.apply(scanned.plan())

    [failed] = outcome.failed
    assert plan.changes
    assert "DISABLE_IN_PROGRESS" in failed.reason
    assert inspector.id_of("network") in failed.reason
    assert calls(scanned, "inspector2:Enable") > 1


def test_an_account_without_the_region_keeps_no_other_from_being_scanned(first: World) -> None:
    region = "ap-east-2"
    first.steps = pipeline("inspector")
    for key in (MANAGEMENT, "security-tooling", "log-archive", "network"):
        first.client("account", key).enable_region(RegionName=region)
    first.sandbox.clock.wait(first.sandbox.settings.region_seconds)
    govern(first, HOME, region)

    outcome = first.apply(first.plan())

    [failed] = outcome.failed
    assert failed.where == f"security-tooling/{region} members"
    assert f"{first.arrive().id_of('workload-prod')}: It was not associated." in failed.reason
    assert "Enable the region in these accounts" in failed.remedy
    there = Inspector(first, region)
    there.wait()
    assert there.scans("network") == there.scans(MANAGEMENT) == ON
    assert set(Inspector(first, HOME).members()) == set(NAMES)


def test_what_is_off_in_config_is_never_on_and_what_was_on_is_switched_off_and_on_again(bare: World) -> None:
    off = {"lambda_code": False, "code_repository": False}
    configure(bare, inspector={"scan_types": off})
    bare.build()
    there = Inspector(bare, OTHER)
    there.wait()
    assert there.scans("network") == ON | dict.fromkeys(off, "DISABLED")

    configure(bare)
    put_back(bare)
    there.wait()
    assert there.scans("network") == there.scans("security-tooling") == ON

    configure(bare, inspector={"scan_types": off})
    put_back(bare)
    there.wait()
    assert there.scans("network") == there.scans("security-tooling") == ON | dict.fromkeys(off, "DISABLED")
    assert there.auto_enable()["codeRepository"] is False


def test_without_scans_of_instances_nothing_is_said_of_deep_inspection(bare: World) -> None:
    configure(bare, inspector={"scan_types": {"ec2": False}})

    bare.build()

    assert bare.plan().empty
    assert calls(bare, "inspector2:BatchGetMemberEc2DeepInspectionStatus") == 0
    assert calls(bare, "inspector2:GetEc2DeepInspectionConfiguration") == 0


def test_settings_that_we_do_not_manage_are_left(scanned: World) -> None:
    inspector = Inspector(scanned, OTHER)
    inspector.api.update_organization_configuration(autoEnable=inspector.auto_enable() | {"ami": True})
    mode = {"scanMode": "EC2_SSM_AGENT_BASED", "activateVMScanner": True}
    inspector.api.update_configuration(ec2Configuration=mode)
    inspector.api.update_org_ec2_deep_inspection_configuration(orgPackagePaths=["/opt/theirs"])
    inspector.enroll(ecr=False)

    put_back(scanned)

    assert inspector.auto_enable()["ami"] is True
    ec2 = inspector.configuration()["ec2Configuration"]
    assert ec2["scanModeState"]["scanMode"] == "EC2_HYBRID"
    assert ec2["vmScannerState"]["activated"] is True
    deep = inspector.api.get_ec2_deep_inspection_configuration()
    assert deep["orgPackagePaths"] == ["/opt/theirs"]


def test_only_the_region_that_drifts_is_written_to(scanned: World) -> None:
    Inspector(scanned, OTHER).disable("network", "ecr")
    scanned.records.clear()

    scanned.apply(scanned.plan())

    [record] = [record for record in scanned.records if not record.read]
    assert (record.operation, record.region) == ("Enable", OTHER)
    assert record.account_id == scanned.arrive().id_of("security-tooling")


@pytest.mark.sampled(3)
def test_more_members_than_fit_on_a_page_and_in_a_batch(bare: World) -> None:
    govern(bare, HOME)
    bare.sandbox.settings.account_quota = 200
    want(bare, *(account(f"member-{number}") for number in range(101)))

    bare.build()

    there = Inspector(bare, HOME)
    assert len(there.members()) == 105
    there.wait()
    assert there.scans("member-100") == ON
    bare.records.clear()
    assert bare.plan().empty
    assert calls(bare, "inspector2:ListMembers") == 3
    assert calls(bare, "inspector2:BatchGetAccountStatus") == 2
    assert calls(bare, "inspector2:BatchGetMemberEc2DeepInspectionStatus") == 2


def test_destroying_ends_all_scans_and_the_delegation_and_says_what_is_kept(scanned: World) -> None:
    plan = scanned.plan(destroy=True)
    own = part(plan, "inspector")
    kinds = [change.address.kind for change in own.changes]

    assert list(dict.fromkeys(kinds)) == ["members", "scans", "administrator"]
    assert {address.kind for address in own.kept} == {"organization-configuration", "configuration"}
    assert clean(scanned.apply(plan, scanned.steps))
    Inspector(scanned, OTHER).wait()
    assert administrators(scanned, OTHER) == []
    for name in (*NAMES, "security-tooling"):
        assert set(Inspector(scanned, OTHER, name).scans(name).values()) == {"DISABLED"}
    assert part(scanned.plan(destroy=True), "inspector").changes == ()


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ({"scan_types": {"lambda_standard": False}}, "lambda_code needs lambda_standard"),
        ({"scan_types": dict.fromkeys(TYPES, False)}, "nothing would be scanned"),
        ({"not_offered": {OTHER: ["lambda"]}}, "lambda_standard"),
        ({"deep_inspection_paths": [f"/opt/{number}" for number in range(6)]}, "at most 5 items"),
        ({"ecr_rescan": {"since_pull": "LIFETIME"}}, "DAYS_180"),
    ],
)
def test_what_cannot_be_is_said_in_one_message(section: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Step.Config.model_validate(section)

    [error] = raised.value.errors()
    assert text in str(error["msg"]) + str(error.get("ctx", ""))
