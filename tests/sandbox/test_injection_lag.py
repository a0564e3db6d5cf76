from __future__ import annotations

from typing import Any

import pytest

from sra_bootstrap.sandbox.injection import Faults, Kind
from tests.sandbox.conftest import Aws, refusal
from tests.sandbox.injection import at

ALWAYS = Faults(rate=1, kinds=frozenset({Kind.STALE}), lag_calls=3, lag_seconds=40)


def units(organizations: Any, root: str) -> list[str]:
    answer = organizations.list_organizational_units_for_parent(ParentId=root)
    return [unit["Name"] for unit in answer["OrganizationalUnits"]]


def test_a_read_answers_for_some_calls_what_it_did_before_a_write(aws: Aws) -> None:
    root = aws.found_organization()
    aws.settings.faults = ALWAYS
    organizations = aws.client("organizations")
    assert units(organizations, root) == []
    organizations.create_organizational_unit(ParentId=root, Name="Security")

    seen = [units(organizations, root) for _ in range(5)]
    late = seen.count([])
    assert 1 <= late <= 3
    assert seen == [[]] * late + [["Security"]] * (5 - late)
    assert aws.running.injected() == {"stale": late}


def test_whoever_waits_is_told_the_truth(aws: Aws) -> None:
    root = aws.found_organization()
    aws.settings.faults = ALWAYS
    organizations = aws.client("organizations")
    for waited, names in ((39, []), (40, ["Security"])):
        aws.running.reset()
        aws.settings.faults = None
        root = aws.found_organization()
        aws.settings.faults = ALWAYS
        units(organizations, root)
        organizations.create_organizational_unit(ParentId=root, Name="Security")
        aws.clock.wait(waited)

        assert units(organizations, root) == names


def test_a_read_lags_no_longer_than_since_the_first_of_several_writes(aws: Aws) -> None:
    root = aws.found_organization()
    aws.settings.faults = ALWAYS
    organizations = aws.client("organizations")
    units(organizations, root)
    organizations.create_organizational_unit(ParentId=root, Name="Security")
    aws.clock.wait(39)
    organizations.create_organizational_unit(ParentId=root, Name="Workloads")
    aws.clock.wait(1)

    assert units(organizations, root) == ["Security", "Workloads"]


def test_an_account_is_there_before_the_list_of_accounts_has_it_and_its_request_says_so(aws: Aws) -> None:
    aws.found_organization()
    organizations = aws.client("organizations")
    aws.settings.faults = ALWAYS
    request = organizations.create_account(AccountName="log", Email="log@example.com")["CreateAccountStatus"]

    def state() -> Any:
        answer = organizations.describe_create_account_status(CreateAccountRequestId=request["Id"])
        return answer["CreateAccountStatus"]["State"]

    assert len(organizations.list_accounts()["Accounts"]) == 1
    assert state() == "IN_PROGRESS"
    aws.clock.wait(aws.settings.account_creation_seconds)

    assert len(organizations.list_accounts()["Accounts"]) == 1
    assert state() == "IN_PROGRESS"
    aws.clock.wait(40)
    assert len(organizations.list_accounts()["Accounts"]) == 2
    assert state() == "SUCCEEDED"


def test_a_read_lags_at_the_call_that_it_is_meant_to(aws: Aws) -> None:
    root = aws.found_organization()
    organizations = aws.client("organizations")
    aws.settings.faults = at(Kind.STALE, "organizations:ListOrganizationalUnitsForParent", 2)
    units(organizations, root)
    organizations.create_organizational_unit(ParentId=root, Name="Security")

    assert [units(organizations, root) for _ in range(3)] == [[], ["Security"], ["Security"]]


def test_a_read_never_answers_from_before_there_was_this_organization(aws: Aws) -> None:
    organizations = aws.client("organizations")
    aws.settings.faults = ALWAYS
    assert refusal(organizations.describe_organization)[0] == "AWSOrganizationsNotInUseException"
    first = organizations.create_organization()["Organization"]["Id"]
    assert organizations.describe_organization()["Organization"]["Id"] == first
    organizations.delete_organization()
    second = organizations.create_organization()["Organization"]["Id"]

    assert first != second
    assert organizations.describe_organization()["Organization"]["Id"] == second


def test_a_read_never_answers_from_before_a_reset(aws: Aws) -> None:
    guardduty = aws.client("guardduty")
    aws.settings.faults = ALWAYS
    guardduty.create_detector(Enable=True)
    assert len(guardduty.list_detectors()["DetectorIds"]) == 1
    aws.running.reset()
    guardduty.create_detector(Enable=True)
    [detector_id] = guardduty.list_detectors()["DetectorIds"]

    assert guardduty.get_detector(DetectorId=detector_id)["Status"] == "ENABLED"
    assert aws.running.injected() == {}


def test_what_another_account_or_region_reads_does_not_lag_behind_nothing(aws: Aws) -> None:
    aws.settings.faults = ALWAYS
    here, there = aws.client("guardduty"), aws.client("guardduty", "eu-west-2")
    assert here.list_detectors()["DetectorIds"] == there.list_detectors()["DetectorIds"] == []
    here.create_detector(Enable=True)

    assert there.list_detectors()["DetectorIds"] == []
    assert aws.running.injected() == {}


@pytest.mark.parametrize("rate", [0.0, 0.5])
def test_some_reads_lag_and_others_do_not(aws: Aws, rate: float) -> None:
    aws.settings.faults = Faults(seed=2, rate=rate, kinds=frozenset({Kind.STALE}), lag_calls=1)
    guardduty = aws.client("guardduty")
    lagged = []
    guardduty.list_detectors()
    for _ in range(20):
        detector_id = guardduty.create_detector(Enable=True)["DetectorId"]
        lagged.append(guardduty.list_detectors()["DetectorIds"] != [detector_id])
        guardduty.list_detectors()
        guardduty.delete_detector(DetectorId=detector_id)
        aws.clock.wait(100)
        assert guardduty.list_detectors()["DetectorIds"] == []

    assert 20 * (rate - 0.3) <= sum(lagged) <= 20 * (rate * 1.6)
