from __future__ import annotations

import time
from typing import Any

import pytest

from sra_bootstrap.clock import VirtualClock
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from sra_bootstrap.sandbox.injection import At, Faults, Kind
from sra_bootstrap.sandbox.settings import Settings
from tests.sandbox.conftest import ROLE, Aws, refusal
from tests.sandbox.injection import at, outcome, written

READS = {
    "organizations": ("describe_organization", "DescribeOrganization"),
    "sts": ("get_caller_identity", "GetCallerIdentity"),
    "iam": ("list_roles", "ListRoles"),
    "account": ("list_regions", "ListRegions"),
    "guardduty": ("list_detectors", "ListDetectors"),
    "controltower": ("list_landing_zones", "ListLandingZones"),
}


def test_nothing_fails_and_every_write_is_noted_where_nothing_is_set(aws: Aws) -> None:
    aws.found_organization()
    aws.add_account("log")

    assert aws.settings.faults is None
    assert aws.running.injected() == {}
    assert written(aws) == ["organizations:CreateOrganization", "organizations:CreateAccount"]


@pytest.mark.parametrize(
    ("service", "kind", "answer"),
    [
        ("organizations", Kind.THROTTLED, ("TooManyRequestsException", 400)),
        ("sts", Kind.THROTTLED, ("Throttling", 400)),
        ("iam", Kind.THROTTLED, ("Throttling", 400)),
        ("account", Kind.THROTTLED, ("TooManyRequestsException", 429)),
        ("guardduty", Kind.THROTTLED, ("TooManyRequestsException", 429)),
        ("controltower", Kind.THROTTLED, ("ThrottlingException", 429)),
        ("organizations", Kind.INTERNAL, ("ServiceException", 500)),
        ("sts", Kind.INTERNAL, ("InternalFailure", 500)),
        ("iam", Kind.INTERNAL, ("ServiceFailure", 500)),
        ("account", Kind.INTERNAL, ("InternalServerException", 500)),
        ("guardduty", Kind.INTERNAL, ("InternalServerErrorException", 500)),
        ("controltower", Kind.INTERNAL, ("InternalServerException", 500)),
        *((service, Kind.UNAVAILABLE, ("ServiceUnavailable", 503)) for service in READS),
    ],
)
def test_every_service_tells_of_its_troubles_under_its_own_code(
    aws: Aws, service: str, kind: Kind, answer: tuple[str, int]
) -> None:
    method, operation = READS[service]
    aws.settings.faults = at(kind, f"{service}:{operation}")
    call = getattr(aws.client(service), method)

    assert outcome(call) == answer
    assert aws.running.injected() == {kind: 1}
    assert outcome(call)[0] not in {answer[0], "SandboxNotImplemented"}


@pytest.mark.parametrize("service", READS)
def test_an_answer_of_a_load_balancer_is_none_of_the_service(aws: Aws, service: str) -> None:
    method, operation = READS[service]
    call = getattr(aws.client(service), method)
    met = set()
    for seed in range(12):
        aws.settings.faults = at(Kind.GARBLED, f"{service}:{operation}", seed=seed)
        met.add(outcome(call)[0])

    assert met <= {"502", "503", "504", "ResponseParserError"}
    assert len(met) > 1
    assert aws.running.injected() == {"garbled": 12}


def test_a_connection_that_is_reset_before_has_changed_nothing(aws: Aws) -> None:
    aws.settings.faults = at(Kind.RESET)
    organizations = aws.client("organizations")

    assert outcome(organizations.create_organization) == ("ConnectionClosedError", 0)
    assert refusal(organizations.describe_organization)[0] == "AWSOrganizationsNotInUseException"
    assert written(aws) == []
    organizations.create_organization()


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        (Kind.INTERNAL, {"ServiceException"}),
        (Kind.UNAVAILABLE, {"ServiceUnavailable"}),
        (Kind.GARBLED, {"502", "503", "504"}),
        (Kind.RESET, {"ReadTimeoutError", "ConnectionClosedError"}),
        (Kind.SLOW, {""}),
    ],
)
def test_an_account_can_be_created_by_a_request_whose_answer_is_lost(aws: Aws, kind: Kind, seen: set[str]) -> None:
    aws.found_organization()
    aws.settings.faults = at(kind, "organizations:CreateAccount", after=True)
    organizations = aws.client("organizations")

    assert outcome(organizations.create_account, AccountName="log", Email="log@example.com")[0] in seen
    aws.settings.faults = None
    assert [one["AccountName"] for one in organizations.list_create_account_status()["CreateAccountStatuses"]] == [
        "log"
    ]
    assert written(aws) == ["organizations:CreateOrganization", "organizations:CreateAccount"]
    assert aws.running.injected() == {kind: 1}


def test_the_same_client_goes_on_after_its_connection_was_reset(aws: Aws) -> None:
    sts = aws.client("sts")
    aws.settings.faults = at(Kind.RESET, "sts:GetCallerIdentity", 2)

    assert [outcome(sts.get_caller_identity)[1] for _ in range(4)] == [200, 0, 200, 200]


def test_a_slow_answer_takes_time_of_the_clock_in_process_and_real_time_when_served(aws: Aws) -> None:
    aws.settings.faults = at(Kind.SLOW, "sts:GetCallerIdentity", slow_seconds=60, served_slow_seconds=0.1)
    sts = aws.client("sts")
    start, begun = aws.clock.now(), time.monotonic()

    assert outcome(sts.get_caller_identity) == ("", 200)
    if aws.running.url is None:
        assert 30 <= aws.clock.now() - start <= 60
    else:
        assert time.monotonic() - begun >= 0.05
        assert aws.clock.now() == start
    assert aws.running.injected() == {"slow": 1}


def test_a_call_under_way_ends_although_the_tool_was_stopped(aws: Aws) -> None:
    aws.settings.faults = at(Kind.SLOW, "sts:GetCallerIdentity")
    sts = aws.client("sts")
    aws.clock.stop()

    assert outcome(sts.get_caller_identity) == ("", 200)


@pytest.mark.parametrize(("service", "code"), [("sts", "ExpiredToken"), ("guardduty", "ExpiredTokenException")])
def test_a_session_that_has_expired_is_good_again_once_the_role_is_assumed_again(
    aws: Aws, service: str, code: str
) -> None:
    aws.found_organization()
    log = aws.add_account("log")
    method, operation = READS[service]
    aws.settings.faults = at(Kind.EXPIRED, f"{service}:{operation}", 2)
    call = getattr(aws.client(service, account=log), method)

    assert [outcome(call)[0] for _ in range(3)] == ["", code, code]
    assert outcome(getattr(aws.client(service, account=log), method)) == ("", 200)
    assert aws.running.injected() == {"expired": 1}


def test_neither_fresh_credentials_expire_nor_those_that_sts_has_not_issued(aws: Aws) -> None:
    aws.found_organization()
    log = aws.add_account("log")
    aws.settings.faults = Faults(rate=1, kinds=frozenset({Kind.EXPIRED}))

    for account in (log, MANAGEMENT_ACCOUNT_ID):
        assert outcome(aws.client("guardduty", account=account).list_detectors) == ("", 200)
    assert aws.running.injected() == {}


def test_to_assume_a_role_can_fail(aws: Aws) -> None:
    aws.found_organization()
    log = aws.add_account("log")
    aws.settings.faults = at(Kind.THROTTLED, "sts:AssumeRole")
    role = {"RoleArn": f"arn:aws:iam::{log}:role/{ROLE}", "RoleSessionName": "test"}

    assert outcome(aws.client("sts").assume_role, **role) == ("Throttling", 400)
    assert outcome(aws.client("sts").assume_role, **role) == ("", 200)


def test_a_fault_meets_the_write_it_is_meant_for(aws: Aws) -> None:
    root = aws.found_organization()
    organizations = aws.client("organizations")
    aws.settings.faults = at(Kind.THROTTLED, nth=3)

    met = []
    for name in ("One", "Two", "Three", "Four"):
        organizations.list_roots()
        met.append(outcome(organizations.create_organizational_unit, ParentId=root, Name=name)[0])
    assert met == ["", "", "TooManyRequestsException", ""]


def test_only_what_can_be_lost_can_fail_after_it_took_effect() -> None:
    with pytest.raises(ValueError, match="cannot strike after"):
        At(Kind.THROTTLED, after=True)


def _members(aws: Aws) -> tuple[Any, dict[str, Any], list[dict[str, str]]]:
    """GuardDuty of the administrator of an organization, its detector, and the accounts to add."""
    aws.found_organization()
    audit, *others = (aws.add_account(name) for name in ("audit", "log", "web", "data"))
    aws.client("organizations").enable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    aws.client("guardduty").enable_organization_admin_account(AdminAccountId=audit)
    aws.clock.wait(aws.settings.guardduty_first_delegation_seconds)
    guardduty = aws.client("guardduty", account=audit)
    detector = {"DetectorId": guardduty.list_detectors()["DetectorIds"][0]}
    details = [{"AccountId": account, "Email": f"{account}@example.com"} for account in others]
    return guardduty, detector, details


def test_accounts_that_were_not_processed_stay_so_until_they_are_asked_for_again(aws: Aws) -> None:
    guardduty, detector, details = _members(aws)
    aws.settings.faults = at(Kind.UNPROCESSED, "guardduty:CreateMembers", seed=1)

    unprocessed = guardduty.create_members(**detector, AccountDetails=details)["UnprocessedAccounts"]
    assert {one["Result"] for one in unprocessed} == {"Internal error"}
    left = {one["AccountId"] for one in unprocessed}
    assert 0 < len(left) < len(details)
    members = {one["AccountId"] for one in guardduty.list_members(**detector)["Members"]}
    assert members == {one["AccountId"] for one in details} - left

    again = [one for one in details if one["AccountId"] in left]
    assert guardduty.create_members(**detector, AccountDetails=again)["UnprocessedAccounts"] == []
    assert len(guardduty.list_members(**detector)["Members"]) == len(details)
    assert aws.running.injected() == {"unprocessed": 1}


def test_other_services_tell_under_a_name_of_their_own_why_accounts_were_not_processed(aws: Aws) -> None:
    detective = aws.client("detective")
    graph = {"GraphArn": detective.create_graph()["GraphArn"]}
    aws.settings.faults = at(Kind.UNPROCESSED, "detective:CreateMembers")

    answer = detective.create_members(**graph, Accounts=[{"AccountId": "9" * 12, "EmailAddress": "a@example.com"}])

    assert answer["UnprocessedAccounts"] == [{"AccountId": "9" * 12, "Reason": "Internal error"}]
    assert detective.list_members(**graph)["MemberDetails"] == []


def test_a_batch_that_was_left_out_as_a_whole_is_no_write_that_took_effect(aws: Aws) -> None:
    guardduty, detector, details = _members(aws)
    aws.settings.faults = at(Kind.UNPROCESSED, "guardduty:CreateMembers")

    assert len(guardduty.create_members(**detector, AccountDetails=details[:1])["UnprocessedAccounts"]) == 1
    assert "guardduty:CreateMembers" not in written(aws)


def test_a_batch_that_is_read_leaves_accounts_out_too(aws: Aws) -> None:
    guardduty, detector, details = _members(aws)
    guardduty.create_members(**detector, AccountDetails=details)
    aws.settings.faults = at(Kind.UNPROCESSED, "guardduty:GetMembers")

    answer = guardduty.get_members(**detector, AccountIds=[one["AccountId"] for one in details])
    assert answer["UnprocessedAccounts"]
    assert len(answer["Members"]) + len(answer["UnprocessedAccounts"]) == len(details)


def _play(aws: Aws, faults: Faults) -> list[tuple[str, int]]:
    """The outcomes of always the same calls."""
    aws.running.reset()
    aws.settings.faults = faults
    organizations, guardduty = aws.client("organizations"), aws.client("guardduty")
    met = [outcome(organizations.create_organization)]
    for _ in range(20):
        met += [outcome(organizations.list_accounts), outcome(guardduty.list_detectors)]
        met.append(outcome(organizations.enable_aws_service_access, ServicePrincipal="guardduty.amazonaws.com"))
    return met


def test_the_same_seed_and_the_same_calls_give_the_same_faults(aws: Aws) -> None:
    first = _play(aws, Faults(seed=7))
    injected = aws.running.injected()

    assert _play(aws, Faults(seed=7)) == first
    assert aws.running.injected() == injected
    assert _play(aws, Faults(seed=8)) != first


def test_as_many_calls_fail_as_the_rate_says_in_the_ways_that_are_wanted(aws: Aws) -> None:
    sts = aws.client("sts")
    kinds = frozenset({Kind.THROTTLED, Kind.INTERNAL})
    aws.settings.faults = Faults(seed=1, rate=0.5, kinds=kinds)
    met = [outcome(sts.get_caller_identity)[1] for _ in range(100)]

    assert 35 <= sum(status != 200 for status in met) <= 65
    assert set(aws.running.injected()) == kinds
    assert sum(aws.running.injected().values()) == sum(status != 200 for status in met)


def test_writes_fail_at_random_before_and_after_they_took_effect(aws: Aws) -> None:
    root = aws.found_organization()
    organizations = aws.client("organizations")
    aws.settings.faults = Faults(seed=1, rate=1, kinds=frozenset({Kind.RESET}))
    for number in range(20):
        outcome(organizations.create_organizational_unit, ParentId=root, Name=f"Unit {number}")

    assert aws.running.injected() == {"reset": 20}
    assert 5 <= written(aws).count("organizations:CreateOrganizationalUnit") <= 15


def test_a_write_is_known_again_by_what_it_asks_for(aws: Aws) -> None:
    guardduty = aws.client("guardduty")
    for enable in (True, True, False):
        detector_id = guardduty.create_detector(Enable=enable)["DetectorId"]
        guardduty.delete_detector(DetectorId=detector_id)

    created = [write for write in aws.running.writes() if write.operation == "guardduty:CreateDetector"]
    assert {(write.account_id, write.region) for write in created} == {(MANAGEMENT_ACCOUNT_ID, "eu-west-1")}
    # The SDK makes up a token for each, which is no part of what is asked for.
    assert created[0] == created[1] != created[2]


def test_a_write_that_is_refused_is_none_that_took_effect(aws: Aws) -> None:
    assert refusal(aws.client("organizations").create_account, AccountName="log", Email="log@example.com")
    assert written(aws) == []


def test_a_reset_clears_the_record_and_the_count_of_calls(aws: Aws) -> None:
    aws.settings.faults = at(Kind.THROTTLED, "sts:GetCallerIdentity")
    sts = aws.client("sts")
    assert outcome(sts.get_caller_identity)[0] == "Throttling"
    aws.client("organizations").create_organization()
    aws.running.reset()

    assert (aws.running.injected(), aws.running.writes()) == ({}, [])
    assert outcome(sts.get_caller_identity)[0] == "Throttling"


def test_a_hostile_aws_takes_longer_for_everything_and_fails_in_every_way() -> None:
    usual, hostile = Settings(), Settings.hostile(5, rate=0.3)

    assert hostile.faults == Faults(seed=5, rate=0.3, kinds=frozenset(Kind))
    slower = {name for name in vars(usual) if name.endswith("_seconds") and name != "organizations_write_seconds"}
    assert all(getattr(hostile, name) > getattr(usual, name) for name in slower)
    assert hostile.overlaps_conflict


def test_an_organization_comes_about_in_a_hostile_aws(aws: Aws) -> None:
    hostile = Settings.hostile(11)
    for name, value in vars(hostile).items():
        setattr(aws.settings, name, value)
    aws.settings.faults = Faults(seed=11, served_slow_seconds=0.001)
    organizations = aws.client("organizations")
    while outcome(organizations.describe_organization)[0]:
        outcome(organizations.create_organization)
    requests: list[Any] = []
    assert isinstance(aws.clock, VirtualClock)
    waited = aws.clock.now()
    while not requests:
        aws.clock.wait(60)
        met = outcome(organizations.create_account, AccountName="log", Email="log@example.com")
        if met[0] != "FinalizingOrganizationException":
            aws.settings.faults = None
            requests = organizations.list_create_account_status()["CreateAccountStatuses"]
            aws.settings.faults = Faults(seed=12, served_slow_seconds=0.001)

    assert aws.clock.now() - waited >= 3000
    assert written(aws).count("organizations:CreateOrganization") == 1
    assert written(aws).count("organizations:CreateAccount") == 1


def test_inspector_tells_of_accounts_that_failed_in_its_own_words(aws: Aws) -> None:
    inspector = aws.client("inspector2")
    aws.settings.faults = at(Kind.UNPROCESSED, "inspector2:Enable")

    answer = inspector.enable(accountIds=[MANAGEMENT_ACCOUNT_ID], resourceTypes=["EC2"])

    assert answer["accounts"] == []
    assert [one["errorCode"] for one in answer["failedAccounts"]] == ["SSM_THROTTLED"]
    assert "inspector2:Enable" not in written(aws)
    found = inspector.batch_get_account_status()["accounts"][0]
    assert found["state"]["status"] == "DISABLED"
