from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError, ReadTimeoutError

from sra_bootstrap.aws import Connection, Record
from sra_bootstrap.aws.connection import GRACE_SECONDS, WriteRefusedError
from sra_bootstrap.aws.credentials import CURRENT
from sra_bootstrap.aws.failures import Kind, code_of
from sra_bootstrap.aws.retry import REACTIONS
from sra_bootstrap.errors import AccessError
from sra_bootstrap.model import Target
from sra_bootstrap.org import Org
from tests.engine.conftest import HOME, MANAGEMENT_ID, Connect, Wire, account, live_account, organization
from tests.sandbox.conftest import Aws

LOG, NETWORK = account("log"), account("network")
MANAGEMENT = Target("management")
BAD_REQUEST = {"guardduty:ListDetectors": frozenset({"BadRequestException"})}


def id_of(org: Org, key: str) -> str:
    live = org.live_account(key)
    assert live is not None
    return live.id


def code(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return code_of(raised.value)


# What a client is.


def test_accounts_share_one_client_for_each_service_and_region(wire: Wire) -> None:
    org = wire.found(LOG, NETWORK)
    places = [Target(key, region) for key in ("management", "log", "network") for region in (HOME, "us-east-1")]

    for _ in range(2):
        for at in places:
            wire.connection.reader(org).client("guardduty", at).list_detectors()
            wire.connection.writer(org).client("guardduty", at).list_detectors()

    # Two regions of GuardDuty, and STS to assume the roles.
    assert wire.connection.clients() == 3


def test_an_address_takes_no_name_of_an_account_before_it(wire: Wire) -> None:
    control = wire.connection.reader(organization(home_region=HOME)).client("s3control", MANAGEMENT)
    sent: list[str] = []
    for prefix in ("127.0.0.1:5000", "s3-control.eu-west-1.amazonaws.com"):
        request = AWSRequest(url=f"http://123456789012.{prefix}/v20180820/configuration/publicAccessBlock")
        control.meta.events.emit("before-sign.s3-control.GetPublicAccessBlock", request=request)
        sent.append(str(request.url).partition("/v")[0])

    assert sent == ["http://127.0.0.1:5000", "http://123456789012.s3-control.eu-west-1.amazonaws.com"]


def test_what_has_no_region_is_asked_for_in_the_home_region(wire: Wire) -> None:
    client = wire.connection.reader(organization(home_region="eu-north-1")).client("guardduty", MANAGEMENT)

    assert client.meta.region_name == "eu-north-1"


def test_a_client_of_an_account_that_does_not_exist_is_a_fault(wire: Wire) -> None:
    with pytest.raises(ValueError, match="the account log does not exist"):
        wire.connection.reader(organization(LOG, live=[])).client("guardduty", Target("log"))


def test_the_sdk_says_where_a_service_is_offered(wire: Wire) -> None:
    reader = wire.connection.reader(organization())

    assert reader.offers("guardduty", HOME)
    assert reader.offers("guardduty", "us-gov-west-1")
    assert not reader.offers("controltower", "cn-north-1")


# Who signs.


def test_every_call_is_signed_for_the_account_it_is_for(wire: Wire) -> None:
    org = wire.found(LOG, NETWORK)
    reader = wire.connection.reader(org)
    clients = {key: reader.client("sts", Target(key)) for key in ("log", "management", "organization", "network")}

    for _ in range(2):
        callers = {key: client.get_caller_identity()["Account"] for key, client in clients.items()}

    assert callers == {
        "log": id_of(org, "log"),
        "management": MANAGEMENT_ID,
        "organization": MANAGEMENT_ID,
        "network": id_of(org, "network"),
    }


def test_every_page_is_signed_for_the_account_it_is_for(wire: Wire) -> None:
    org = wire.found(LOG, NETWORK)
    reader = wire.connection.reader(org)
    paginators = {
        key: iter(
            reader.client("iam", Target(key)).get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1})
        )
        for key in ("log", "network")
    }
    for key in paginators:
        wire.connection.writer(org).client("iam", Target(key)).create_role(RoleName="Z", AssumeRolePolicyDocument="{}")

    # Turn by turn, so that every page is fetched after one of another account.
    pages = {key: next(paginator)["Roles"][0]["Arn"] for key, paginator in paginators.items()}
    more = {key: next(paginator)["Roles"][0]["Arn"] for key, paginator in paginators.items()}

    for key in paginators:
        role = f"arn:aws:iam::{id_of(org, key)}:role"
        assert {pages[key], more[key]} == {f"{role}/OrganizationAccountAccessRole", f"{role}/Z"}


def test_threads_sign_each_for_its_own_account_at_the_same_time(wire: Wire) -> None:
    org = wire.found(LOG, NETWORK)
    reader = wire.connection.reader(org)
    ready = threading.Barrier(6)

    def ask(key: str) -> set[str]:
        client = reader.client("sts", Target(key))
        ready.wait()
        return {client.get_caller_identity()["Account"] for _ in range(15)}

    with ThreadPoolExecutor(6) as pool:
        callers = list(pool.map(ask, ["log", "network", "management"] * 2))

    assert callers == [{id_of(org, "log")}, {id_of(org, "network")}, {MANAGEMENT_ID}] * 2
    assert wire.operations().count("sts:AssumeRole") == 2


def test_a_record_tells_who_called_what_where_and_how_it_ended(wire: Wire) -> None:
    org = wire.found(LOG)
    guardduty = wire.connection.writer(org).client("guardduty", Target("log", "us-east-1"))

    guardduty.create_detector(Enable=True)
    code(guardduty.get_detector, DetectorId="0" * 32)

    assume, create, get = wire.records
    assert (assume.account_id, assume.region, assume.operation, assume.read) == ("", HOME, "AssumeRole", True)
    assert (create.account_id, create.region, create.service) == (id_of(org, "log"), "us-east-1", "guardduty")
    assert (create.operation, create.read, create.error) == ("CreateDetector", False, None)
    assert (get.operation, get.read, get.error) == ("GetDetector", True, "BadRequestException")


def test_a_record_tells_what_for_and_what_aws_calls_the_request(wire: Wire) -> None:
    guardduty = wire.connection.writer(organization(), "guardduty: create it").client("guardduty", MANAGEMENT)
    wire.answer("guardduty:CreateDetector", "AccessDeniedException")

    code(guardduty.create_detector, Enable=True)
    request_id = guardduty.list_detectors()["ResponseMetadata"]["RequestId"]

    refused, answered = wire.records
    assert (refused.about, refused.request_id) == ("guardduty: create it", "request-1")
    assert (answered.about, answered.request_id) == ("guardduty: create it", request_id)
    assert answered.seconds > 0


def test_whoever_watches_is_told_of_a_write_before_it_is_sent_and_of_every_end(wire: Wire) -> None:
    told: list[str] = []
    wire.connection.watch(
        lambda request: told.append(f"before {request.operation}, {len(wire.sent)} sent"),
        lambda record: told.append(f"after {record.operation}, {len(wire.sent)} sent"),
    )
    guardduty = wire.connection.writer(organization()).client("guardduty", MANAGEMENT)
    wire.answer("guardduty:CreateDetector", "ThrottlingException")

    guardduty.create_detector(Enable=True)
    guardduty.list_detectors()

    assert told == [
        *("before CreateDetector, 0 sent", "after CreateDetector, 1 sent"),
        *("before CreateDetector, 1 sent", "after CreateDetector, 2 sent"),
        "after ListDetectors, 3 sent",
    ]


def test_a_write_is_not_sent_when_whoever_watches_cannot_take_note_of_it(wire: Wire) -> None:
    def disk_is_full(request: Record) -> None:
        raise OSError

    wire.connection.watch(disk_is_full, wire.records.append)

    with pytest.raises(OSError):  # noqa: PT011 (it has no message)
        wire.connection.writer(organization()).client("guardduty", MANAGEMENT).create_detector(Enable=True)

    assert wire.sent == []


def test_when_nobody_calls_nobody_signs(wire: Wire) -> None:
    org = wire.found(LOG)

    wire.connection.reader(org).client("guardduty", Target("log")).list_detectors()
    code(wire.connection.reader(org).client("guardduty", MANAGEMENT).get_detector, DetectorId="0" * 32)

    assert CURRENT.get(None) is None


# Who may write.


def test_a_reader_refuses_a_write_before_it_leaves(wire: Wire) -> None:
    org = wire.found(LOG)
    reader = wire.connection.reader(org)

    with pytest.raises(WriteRefusedError, match="organizations:CreateOrganizationalUnit was called"):
        reader.client("organizations", MANAGEMENT).create_organizational_unit(ParentId="r-root", Name="Security")
    with pytest.raises(WriteRefusedError, match="guardduty:CreateDetector"):
        reader.client("guardduty", Target("log", HOME)).create_detector(Enable=True)

    assert wire.sent == []
    assert wire.records == []


def test_a_reader_does_not_even_assume_a_role_for_a_write(wire: Wire) -> None:
    org = wire.found(LOG)

    with pytest.raises(WriteRefusedError):
        wire.connection.reader(org).client("sts", Target("log")).get_session_token()

    assert wire.sent == []


def test_a_writer_reads_and_writes(wire: Wire) -> None:
    guardduty = wire.connection.writer(organization()).client("guardduty", Target("management", HOME))

    made = guardduty.create_detector(Enable=True)["DetectorId"]

    assert guardduty.list_detectors()["DetectorIds"] == [made]
    assert wire.operations() == ["guardduty:CreateDetector", "guardduty:ListDetectors"]


def test_a_role_that_is_assumed_to_read_can_do_no_more(wire: Wire) -> None:
    org = wire.found(LOG)
    asked: list[Any] = []
    session: Any = wire.connection._session
    session.register("provide-client-params.sts.AssumeRole", lambda **event: asked.append(event["params"]))

    wire.connection.reader(org).client("guardduty", Target("log")).list_detectors()
    wire.connection.writer(org).client("guardduty", Target("log")).list_detectors()

    reading, writing = asked
    assert reading["PolicyArns"] == [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    assert "PolicyArns" not in writing
    role_arn = f"arn:aws:iam::{id_of(org, 'log')}:role/OrganizationAccountAccessRole"
    assert reading["RoleArn"] == writing["RoleArn"] == role_arn


def test_the_root_user_of_a_member_is_assumed_for_one_task_at_a_regional_endpoint(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    org = wire.found(LOG)
    asked: list[Any] = []
    session: Any = wire.connection._session
    session.register("provide-client-params.sts.AssumeRoot", lambda **event: asked.append(event["params"]))
    session.register("before-send.sts.AssumeRoot", lambda **event: asked.append(event["request"].url))
    root = wire.connection.writer(org).as_root("iam", "log", "IAMAuditRootUserCredentials")

    assert code(root.list_access_keys) == "AccessDenied"

    policy = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
    assert asked[:2] == [
        {"TargetPrincipal": id_of(org, "log"), "TaskPolicyArn": policy},
        f"https://sts.{HOME}.amazonaws.com/",
    ]
    # The account is new, so it is asked again.
    assume = next(record for record in wire.records if record.operation == "AssumeRoot")
    assert not assume.read
    assert assume.about == f"the root user of {id_of(org, 'log')}"


# Credentials in time.


def test_assumed_credentials_are_renewed_before_they_expire(wire: Wire) -> None:
    org = wire.found(LOG)
    client = wire.connection.reader(org).client("guardduty", Target("log"))
    client.list_detectors()

    wire.aws.clock.wait(3500)
    client.list_detectors()

    assert wire.operations() == ["sts:AssumeRole", "guardduty:ListDetectors"] * 2


def test_credentials_of_a_member_that_have_expired_are_renewed_and_the_call_goes_on(wire: Wire) -> None:
    org = wire.found(LOG)
    client = wire.connection.reader(org).client("guardduty", Target("log"))
    # As if the clock of this machine were slow.
    wire.amend("sts:AssumeRole", _expiring_later())

    client.list_detectors()
    wire.aws.clock.wait(3601)
    client.list_detectors()

    assert wire.operations() == [
        *("sts:AssumeRole", "guardduty:ListDetectors"),
        *("guardduty:ListDetectors ExpiredTokenException", "sts:AssumeRole", "guardduty:ListDetectors"),
    ]


def _expiring_later() -> Any:
    def change(answer: Any) -> None:
        answer["Credentials"]["Expiration"] += timedelta(hours=1)

    return change


def test_credentials_that_have_expired_again_are_not_renewed_for_ever(wire: Wire) -> None:
    org = wire.found(LOG)
    client = wire.connection.reader(org).client("guardduty", Target("log"))
    wire.answer("guardduty:ListDetectors", *["ExpiredTokenException"] * 3)

    assert code(client.list_detectors) == "ExpiredTokenException"

    assert wire.operations() == ["sts:AssumeRole", "guardduty:ListDetectors ExpiredTokenException"] * 2


def test_the_callers_own_credentials_cannot_be_renewed(wire: Wire) -> None:
    wire.answer("guardduty:ListDetectors", *["ExpiredTokenException"] * 3)

    assert code(wire.connection.reader(organization()).client("guardduty", MANAGEMENT).list_detectors) == (
        "ExpiredTokenException"
    )

    assert len(wire.sent) == 1


def test_own_credentials_that_expire_while_a_role_is_assumed_end_the_call_at_once(wire: Wire) -> None:
    org = wire.found(LOG)
    wire.answer("sts:AssumeRole", *["ExpiredToken"] * 3)

    assert code(wire.connection.reader(org).client("guardduty", Target("log")).list_detectors) == "ExpiredToken"

    assert wire.operations() == ["sts:AssumeRole ExpiredToken"]


# New accounts.


def fresh_account(wire: Wire) -> Org:
    """An account that has just been created, and whose role cannot be assumed yet."""
    wire.aws.found_organization()
    organizations = wire.aws.client("organizations")
    organizations.create_account(AccountName="log", Email="log@example.com")
    wire.aws.clock.wait(wire.aws.settings.account_creation_seconds)
    listed = organizations.list_accounts()["Accounts"][1]
    joined = listed["JoinedTimestamp"].timestamp()
    return organization(LOG, live=[live_account(listed["Id"], "log@example.com", joined=joined)])


def test_the_role_of_a_new_account_is_waited_for(wire: Wire) -> None:
    org = fresh_account(wire)

    wire.connection.reader(org).client("guardduty", Target("log")).list_detectors()

    denied, (assumed, listed) = wire.operations()[:-2], wire.operations()[-2:]
    assert set(denied) == {"sts:AssumeRole AccessDenied"}
    assert (assumed, listed) == ("sts:AssumeRole", "guardduty:ListDetectors")


def test_the_role_of_a_new_account_is_not_waited_for_for_ever(wire: Wire) -> None:
    wire.aws.settings.role_delay_seconds = 100_000
    org = fresh_account(wire)
    start = wire.aws.clock.now()

    assert code(wire.connection.reader(org).client("guardduty", Target("log")).list_detectors) == "AccessDenied"

    patience = REACTIONS[Kind.NOT_YET]
    assert patience.budget <= wire.aws.clock.now() - start < patience.budget + patience.longest


def test_the_role_of_an_old_account_is_there_or_is_not(wire: Wire) -> None:
    wire.aws.settings.role_delay_seconds = 100_000
    org = fresh_account(wire)
    wire.aws.clock.wait(GRACE_SECONDS)

    assert code(wire.connection.reader(org).client("guardduty", Target("log")).list_detectors) == "AccessDenied"

    assert wire.operations() == ["sts:AssumeRole AccessDenied"]


@pytest.mark.parametrize("error", ["OptInRequired", "SubscriptionRequiredException"])
def test_a_service_that_a_new_account_cannot_use_yet_is_waited_for(wire: Wire, error: str) -> None:
    org = wire.found(LOG)
    wire.answer("guardduty:ListDetectors", error, error)
    client = wire.connection.reader(org).client("guardduty", Target("log"))

    assert client.list_detectors()["DetectorIds"] == []

    wire.aws.clock.wait(GRACE_SECONDS)
    wire.answer("guardduty:CreateDetector", error)
    assert code(wire.connection.writer(org).client("guardduty", Target("log")).create_detector, Enable=True) == error


# What passes, and what does not.


def test_what_aws_has_not_taken_over_yet_is_tried_again_only_after_a_write(connect: Connect) -> None:
    wire = connect(not_yet=BAD_REQUEST)
    guardduty = wire.connection.writer(organization()).client("guardduty", Target("management", HOME))
    refusal = "BadRequestException"

    wire.answer("guardduty:ListDetectors", None, refusal)
    assert guardduty.list_detectors()["DetectorIds"] == []
    assert code(guardduty.list_detectors) == refusal

    guardduty.create_detector(Enable=True)
    wire.answer("guardduty:ListDetectors", refusal)
    assert len(guardduty.list_detectors()["DetectorIds"]) == 1

    wire.aws.clock.wait(GRACE_SECONDS)
    wire.answer("guardduty:ListDetectors", refusal)
    assert code(guardduty.list_detectors) == refusal


@pytest.mark.parametrize(("service", "passes"), [("organizations", True), ("iam", False)])
def test_a_write_to_the_organization_may_be_late_everywhere_and_that_to_another_service_nowhere_else(
    connect: Connect, service: str, passes: bool
) -> None:
    wire = connect(not_yet=BAD_REQUEST)
    writer = wire.connection.writer(organization())
    if service == "organizations":
        writer.client("organizations", MANAGEMENT).create_organization()
    else:
        writer.client("iam", MANAGEMENT).create_role(RoleName="Z", AssumeRolePolicyDocument="{}")
    wire.answer("guardduty:ListDetectors", "BadRequestException")
    guardduty = writer.client("guardduty", Target("management", HOME))

    if passes:
        assert guardduty.list_detectors()["DetectorIds"] == []
    else:
        assert code(guardduty.list_detectors) == "BadRequestException"


def test_another_operation_and_another_code_are_final_after_a_write_too(connect: Connect) -> None:
    wire = connect(not_yet=BAD_REQUEST)
    guardduty = wire.connection.writer(organization()).client("guardduty", Target("management", HOME))
    detector_id = guardduty.create_detector(Enable=True)["DetectorId"]
    wire.answer("guardduty:GetDetector", "BadRequestException")
    wire.answer("guardduty:ListDetectors", "AccessDeniedException")

    assert code(guardduty.get_detector, DetectorId=detector_id) == "BadRequestException"
    assert code(guardduty.list_detectors) == "AccessDeniedException"


def test_a_write_that_failed_opens_no_grace(connect: Connect) -> None:
    wire = connect(not_yet=BAD_REQUEST)
    guardduty = wire.connection.writer(organization()).client("guardduty", Target("management", HOME))
    wire.answer("guardduty:CreateDetector", "AccessDeniedException")
    code(guardduty.create_detector, Enable=True)
    wire.answer("guardduty:ListDetectors", "BadRequestException")

    assert code(guardduty.list_detectors) == "BadRequestException"


@pytest.mark.parametrize(
    ("error", "status"), [("ThrottlingException", 400), ("ConcurrentModificationException", 400), ("503", 503)]
)
def test_what_passes_is_tried_again(wire: Wire, error: str, status: int) -> None:
    wire.answer("organizations:DescribeOrganization", error, error, status=status)
    wire.aws.found_organization()

    described = wire.connection.reader(organization()).client("organizations", MANAGEMENT).describe_organization()

    assert described["Organization"]["MasterAccountId"] == MANAGEMENT_ID
    assert wire.operations() == [
        *[f"organizations:DescribeOrganization {error}"] * 2,
        "organizations:DescribeOrganization",
    ]


def test_an_account_is_not_created_again_when_aws_did_not_answer_well(wire: Wire) -> None:
    wire.aws.found_organization()
    organizations = wire.connection.writer(organization()).client("organizations", MANAGEMENT)
    wire.answer("organizations:CreateAccount", "ServiceException", status=500)

    assert code(organizations.create_account, AccountName="log", Email="log@example.com") == "ServiceException"

    assert wire.sent == ["organizations:CreateAccount"]


def test_an_account_is_not_created_again_when_aws_did_not_answer_at_all(wire: Wire) -> None:
    wire.aws.found_organization()
    wire.break_off("organizations:CreateAccount")
    organizations = wire.connection.writer(organization()).client("organizations", MANAGEMENT)

    with pytest.raises(ReadTimeoutError):
        organizations.create_account(AccountName="log", Email="log@example.com")

    assert wire.sent == ["organizations:CreateAccount"]


def test_an_account_that_aws_refused_to_create_for_now_is_asked_for_again(wire: Wire) -> None:
    wire.aws.client("organizations").create_organization()
    organizations = wire.connection.writer(organization()).client("organizations", MANAGEMENT)

    status = organizations.create_account(AccountName="log", Email="log@example.com")["CreateAccountStatus"]

    assert status["State"] == "IN_PROGRESS"
    assert set(wire.operations()[:-1]) == {"organizations:CreateAccount FinalizingOrganizationException"}


def test_a_call_that_is_not_answered_is_recorded_with_the_name_of_its_error(wire: Wire) -> None:
    wire.break_off("guardduty:ListDetectors")

    with pytest.raises(ReadTimeoutError):
        wire.connection.reader(organization()).client("guardduty", MANAGEMENT).list_detectors()

    assert set(wire.operations()) == {"guardduty:ListDetectors ReadTimeoutError"}


def test_other_writes_are_made_again_when_aws_did_not_answer_well(wire: Wire) -> None:
    root_id = wire.aws.found_organization()
    organizations = wire.connection.writer(organization()).client("organizations", MANAGEMENT)
    wire.answer("organizations:CreateOrganizationalUnit", "ServiceException", status=500)

    made = organizations.create_organizational_unit(ParentId=root_id, Name="Security")

    assert made["OrganizationalUnit"]["Name"] == "Security"
    assert len(wire.sent) == 2


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_the_sdk_does_not_retry_by_itself_whatever_the_environment_asks_for(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setenv("AWS_RETRY_MODE", mode)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    wire = connect()
    wire.answer("guardduty:ListDetectors", *["InternalServerErrorException"] * 2, status=500)

    wire.connection.reader(organization()).client("guardduty", MANAGEMENT).list_detectors()

    assert wire.sent == ["guardduty:ListDetectors"] * 3
    assert len(wire.records) == 3


def test_the_sdk_does_not_pace_by_itself_whatever_the_environment_asks_for(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")

    client = connect().connection.reader(organization()).client("guardduty", MANAGEMENT)

    assert client.meta.config.retries["mode"] != "adaptive"


def test_a_call_whose_role_cannot_be_assumed_for_want_of_an_answer_fails_after_one_patience(wire: Wire) -> None:
    org = wire.found(LOG)
    start = wire.aws.clock.now()
    wire.break_off("sts:AssumeRole")

    with pytest.raises(ReadTimeoutError):
        wire.connection.reader(org).client("guardduty", Target("log")).list_detectors()

    patience = REACTIONS[Kind.UNAVAILABLE]
    assert wire.aws.clock.now() - start < patience.budget + patience.longest
    assert {record.operation for record in wire.records} == {"AssumeRole"}


def test_calls_keep_to_the_pace_of_their_service(wire: Wire) -> None:
    wire.aws.found_organization()
    start = wire.aws.clock.now()
    organizations = wire.connection.reader(organization()).client("organizations", MANAGEMENT)

    for _ in range(60):
        organizations.describe_organization()

    assert wire.aws.clock.now() - start == pytest.approx(2, abs=0.01)


# Looking until something is so.


def test_a_look_is_repeated_until_something_is_so(wire: Wire) -> None:
    looks = iter(range(100))

    assert wire.connection.writer(organization()).poll(lambda: next(looks), lambda seen: seen == 5, 3600) == 5
    assert next(looks) == 6


def test_what_is_so_at_once_is_not_waited_for(wire: Wire) -> None:
    start = wire.aws.clock.now()

    wire.connection.writer(organization()).poll(lambda: 1, lambda seen: seen == 1, 3600)

    assert wire.aws.clock.now() == start


def test_looking_ends_with_what_was_seen_last(wire: Wire) -> None:
    start = wire.aws.clock.now()

    seen = wire.connection.writer(organization()).poll(wire.aws.clock.now, lambda _: False, 60)

    assert 60 <= seen - start < 60 + 15


# The caller.


def test_the_caller_is_told_with_account_and_partition(wire: Wire) -> None:
    caller = wire.connection.caller()

    assert caller.account_id == MANAGEMENT_ID
    assert caller.arn.startswith("arn:aws:")
    assert caller.partition == "aws"


def test_aws_is_asked_once_who_calls(wire: Wire) -> None:
    assert wire.connection.caller() == wire.connection.caller()
    assert wire.operations() == ["sts:GetCallerIdentity"]


def test_whoever_has_no_credentials_is_told_to_sign_in(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as environment:
        environment.delenv("AWS_ACCESS_KEY_ID")
        environment.delenv("AWS_SECRET_ACCESS_KEY")

        with pytest.raises(AccessError, match="There are no AWS credentials") as raised:
            Connection(HOME, aws.clock)

    assert "AWS_PROFILE" in raised.value.remedy


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_profile_that_there_is_not_is_named(aws: Aws, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    if by == "environment":
        monkeypatch.setenv("AWS_PROFILE", "absent")

    with pytest.raises(AccessError, match="absent") as raised:
        Connection(HOME, aws.clock, profile="absent" if by == "option" else None)

    assert "aws configure list-profiles" in raised.value.remedy


def test_half_of_a_key_is_no_credentials(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as environment:
        environment.delenv("AWS_SECRET_ACCESS_KEY")

        with pytest.raises(AccessError, match="AWS_SECRET_ACCESS_KEY") as raised:
            Connection(HOME, aws.clock)

    assert raised.value.remedy


@pytest.mark.parametrize(
    "config", ["[profile broken\nregion = eu-west-1\n", "[profile broken]\ncredential_process = false\n"]
)
def test_a_configuration_that_gives_no_credentials_is_refused(aws: Aws, tmp_path: Path, config: str) -> None:
    (tmp_path / "config").write_text(config)

    with pytest.raises(AccessError) as raised:
        Connection(HOME, aws.clock, profile="broken")

    assert raised.value.message
    assert raised.value.remedy


def test_credentials_that_aws_does_not_know_are_refused(wire: Wire) -> None:
    wire.answer("sts:GetCallerIdentity", "InvalidClientTokenId", status=403)

    with pytest.raises(AccessError, match=r"AWS does not accept the credentials: .*InvalidClientTokenId") as raised:
        wire.connection.caller()

    assert "Check that the credentials are right" in raised.value.remedy


def test_own_credentials_that_have_expired_are_refused(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.found_organization()
    keys = aws.assume(f"arn:aws:iam::{aws.add_account('log')}:role/OrganizationAccountAccessRole")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])
    aws.clock.wait(3601)

    with pytest.raises(AccessError, match=r"AWS does not accept the credentials: .*ExpiredToken") as raised:
        Connection(HOME, aws.clock).caller()

    assert "Sign in again" in raised.value.remedy


SSO_SESSION = """
[profile sso]
sso_session = ours
sso_account_id = 123456789012
sso_role_name = Administrator
[sso-session ours]
sso_region = eu-west-1
sso_start_url = https://example.awsapps.com/start
"""
SSO_LEGACY = """
[profile sso]
sso_account_id = 123456789012
sso_role_name = Administrator
sso_region = eu-west-1
sso_start_url = https://example.awsapps.com/start
"""


# This is how most people's credentials expire.
@pytest.mark.parametrize("config", [SSO_SESSION, SSO_LEGACY], ids=["session", "legacy"])
def test_whoever_is_signed_out_of_identity_center_is_told_to_sign_in(
    aws: Aws, tmp_path: Path, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(config)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))

    with pytest.raises(AccessError, match="SSO") as raised:
        Connection(HOME, aws.clock, profile="sso").caller()

    assert "Sign in again" in raised.value.remedy
