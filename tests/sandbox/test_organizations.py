from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID, membership
from tests.sandbox.conftest import Aws, refusal

POLICY_TYPES = Loader().load_service_model("organizations", "service-2")["shapes"]["PolicyType"]["enum"]
DAY = 24 * 3600


def test_outside_of_an_organization_only_creating_one_is_possible(aws: Aws) -> None:
    organizations = aws.client("organizations")

    assert refusal(organizations.describe_organization)[0] == "AWSOrganizationsNotInUseException"
    assert refusal(organizations.list_accounts)[0] == "AWSOrganizationsNotInUseException"
    assert organizations.create_organization()["Organization"]["FeatureSet"] == "ALL"


def test_an_account_founds_one_organization(aws: Aws) -> None:
    organizations = aws.client("organizations")
    organizations.create_organization()

    assert refusal(organizations.create_organization)[0] == "AlreadyInOrganizationException"


def test_a_new_organization_has_its_management_account_under_its_own_name_and_no_policy_type(aws: Aws) -> None:
    organizations = aws.client("organizations")
    aws.client("account").put_account_name(AccountName="Payer")
    organizations.create_organization()

    [account] = organizations.list_accounts()["Accounts"]
    [root] = organizations.list_roots()["Roots"]

    assert (account["Id"], account["Name"]) == (MANAGEMENT_ACCOUNT_ID, "Payer")
    assert (account["JoinedMethod"], account["State"]) == ("INVITED", "ACTIVE")
    assert account["Email"] == organizations.describe_organization()["Organization"]["MasterAccountEmail"]
    assert root["PolicyTypes"] == []


def test_a_new_organization_cannot_create_accounts_until_it_is_finalized(aws: Aws) -> None:
    organizations = aws.client("organizations")
    organizations.create_organization()
    account = {"AccountName": "log", "Email": "log@example.com"}

    assert refusal(organizations.create_account, **account)[0] == "FinalizingOrganizationException"
    aws.clock.wait(aws.settings.finalizing_seconds)
    assert organizations.create_account(**account)["CreateAccountStatus"]["State"] == "IN_PROGRESS"


def test_an_organization_is_deleted_only_when_it_is_empty(aws: Aws) -> None:
    root_id = aws.found_organization()
    organizations = aws.client("organizations")
    unit = organizations.create_organizational_unit(ParentId=root_id, Name="Security")["OrganizationalUnit"]

    assert refusal(organizations.delete_organization)[0] == "OrganizationNotEmptyException"
    organizations.delete_organizational_unit(OrganizationalUnitId=unit["Id"])
    organizations.delete_organization()
    assert refusal(organizations.describe_organization)[0] == "AWSOrganizationsNotInUseException"


def test_a_member_may_only_describe_its_organization(aws: Aws) -> None:
    root_id = aws.found_organization()
    member = aws.client("organizations", account=aws.add_account("log"))

    assert member.describe_organization()["Organization"]["MasterAccountId"] == MANAGEMENT_ACCOUNT_ID
    assert refusal(member.list_accounts)[0] == "AccessDeniedException"
    assert refusal(member.create_organizational_unit, ParentId=root_id, Name="Mine")[0] == "AccessDeniedException"
    assert refusal(member.create_organization)[0] == "AlreadyInOrganizationException"


def test_a_delegated_administrator_reads_the_organization_and_cannot_change_it(aws: Aws) -> None:
    root_id = aws.found_organization()
    audit = aws.add_account("audit")
    organizations = aws.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    organizations.register_delegated_administrator(AccountId=audit, ServicePrincipal="config.amazonaws.com")
    administrator = aws.client("organizations", account=audit)

    assert administrator.list_accounts()["Accounts"] == organizations.list_accounts()["Accounts"]
    assert administrator.list_roots()["Roots"] == organizations.list_roots()["Roots"]
    policies = {"Filter": "SERVICE_CONTROL_POLICY"}
    assert [policy["Name"] for policy in administrator.list_policies(**policies)["Policies"]] == ["FullAWSAccess"]
    change = {"ParentId": root_id, "Name": "Mine"}
    assert refusal(administrator.create_organizational_unit, **change)[0] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("operation", "parameters", "reason"),
    [
        ("describe_account", {"AccountId": "12345678901x"}, "INVALID_PATTERN"),
        ("describe_account", {"AccountId": "1" * 13}, "MAX_LENGTH_EXCEEDED"),
        ("create_account", {"AccountName": "log", "Email": "log@example"}, "INVALID_PATTERN"),
        ("list_accounts", {"MaxResults": 21}, "MAX_VALUE_EXCEEDED"),
        ("list_accounts", {"NextToken": "made up"}, "INVALID_NEXT_TOKEN"),
        ("enable_policy_type", {"RootId": "r-abcd", "PolicyType": "NO_POLICY"}, "INVALID_ENUM_POLICY_TYPE"),
        ("list_policies", {"Filter": "NO_POLICY"}, "INVALID_ENUM"),
    ],
)
def test_input_against_the_model_is_refused(aws: Aws, operation: str, parameters: Any, reason: str) -> None:
    aws.found_organization()

    call = getattr(aws.client("organizations"), operation)

    assert refusal(call, **parameters) == ("InvalidInputException", reason)


def status_of(organizations: Any, policy_type: str) -> str | None:
    [root] = organizations.list_roots()["Roots"]
    return {found["Type"]: found["Status"] for found in root["PolicyTypes"]}.get(policy_type)


@pytest.mark.parametrize("policy_type", POLICY_TYPES)
def test_every_policy_type_can_be_enabled_and_disabled_and_takes_a_while(aws: Aws, policy_type: str) -> None:
    root_id = aws.found_organization()
    organizations = aws.client("organizations")
    for principal in ("securityhub.amazonaws.com", "inspector2.amazonaws.com"):
        organizations.enable_aws_service_access(ServicePrincipal=principal)
    wanted = {"RootId": root_id, "PolicyType": policy_type}

    assert refusal(organizations.disable_policy_type, **wanted)[0] == "PolicyTypeNotEnabledException"
    organizations.enable_policy_type(**wanted)
    assert status_of(organizations, policy_type) == "PENDING_ENABLE"
    assert refusal(organizations.enable_policy_type, **wanted)[0] == "PolicyChangesInProgressException"
    aws.clock.wait(aws.settings.policy_type_seconds)
    assert status_of(organizations, policy_type) == "ENABLED"
    assert refusal(organizations.enable_policy_type, **wanted)[0] == "PolicyTypeAlreadyEnabledException"
    organizations.disable_policy_type(**wanted)
    assert status_of(organizations, policy_type) == "PENDING_DISABLE"
    aws.clock.wait(aws.settings.policy_type_seconds)
    assert status_of(organizations, policy_type) is None


def test_a_policy_type_of_a_service_needs_its_trusted_access_and_keeps_it(aws: Aws) -> None:
    root_id = aws.found_organization()
    organizations = aws.client("organizations")
    wanted = {"RootId": root_id, "PolicyType": "SECURITYHUB_POLICY"}
    service = {"ServicePrincipal": "securityhub.amazonaws.com"}

    assert refusal(organizations.enable_policy_type, **wanted)[1] == "SERVICE_ACCESS_NOT_ENABLED"
    organizations.enable_aws_service_access(**service)
    organizations.enable_policy_type(**wanted)
    assert refusal(organizations.disable_aws_service_access, **service)[1] == "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE"


def test_an_organization_of_consolidated_billing_has_neither_policy_types_nor_trusted_access(aws: Aws) -> None:
    organizations = aws.client("organizations")
    organizations.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    wanted = {"RootId": organizations.list_roots()["Roots"][0]["Id"], "PolicyType": "TAG_POLICY"}
    service = {"ServicePrincipal": "config.amazonaws.com"}

    assert refusal(organizations.enable_policy_type, **wanted)[0] == "PolicyTypeNotAvailableForOrganizationException"
    assert refusal(organizations.enable_aws_service_access, **service)[1] == "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"


def test_the_name_of_an_ou_is_unique_among_its_siblings_only(aws: Aws) -> None:
    root_id = aws.found_organization()
    organizations = aws.client("organizations")
    security = organizations.create_organizational_unit(ParentId=root_id, Name="Security")["OrganizationalUnit"]
    nested = organizations.create_organizational_unit(ParentId=security["Id"], Name="Security")["OrganizationalUnit"]
    other = organizations.create_organizational_unit(ParentId=root_id, Name="Other")["OrganizationalUnit"]
    taken = "DuplicateOrganizationalUnitException"

    assert refusal(organizations.create_organizational_unit, ParentId=root_id, Name="Other")[0] == taken
    change = {"OrganizationalUnitId": other["Id"], "Name": "Security"}
    assert refusal(organizations.update_organizational_unit, **change)[0] == taken
    organizations.update_organizational_unit(OrganizationalUnitId=nested["Id"], Name="Other")
    found = organizations.describe_organizational_unit(OrganizationalUnitId=nested["Id"])["OrganizationalUnit"]
    organization_id = organizations.describe_organization()["Organization"]["Id"]
    assert found["Name"] == "Other"
    assert found["Path"] == f"{organization_id}/{root_id}/{security['Id']}/{nested['Id']}/"


def test_ous_go_five_deep(aws: Aws) -> None:
    parent_id = aws.found_organization()
    organizations = aws.client("organizations")
    for depth in range(5):
        made = organizations.create_organizational_unit(ParentId=parent_id, Name=f"Level {depth}")
        parent_id = made["OrganizationalUnit"]["Id"]

    refused = refusal(organizations.create_organizational_unit, ParentId=parent_id, Name="Too deep")

    assert refused == ("ConstraintViolationException", "OU_DEPTH_LIMIT_EXCEEDED")


def test_ous_are_limited_in_number_and_need_a_parent(aws: Aws) -> None:
    root_id = aws.found_organization()
    organizations = aws.client("organizations")
    aws.settings.organizational_unit_quota = 1

    orphan = {"ParentId": "ou-abcd-12345678", "Name": "Orphan"}
    assert refusal(organizations.create_organizational_unit, **orphan)[0] == "ParentNotFoundException"
    organizations.create_organizational_unit(ParentId=root_id, Name="First")
    second = {"ParentId": root_id, "Name": "Second"}
    assert refusal(organizations.create_organizational_unit, **second)[1] == "OU_NUMBER_LIMIT_EXCEEDED"


def test_an_ou_is_deleted_only_when_it_is_empty(aws: Aws) -> None:
    root_id = aws.found_organization()
    account_id = aws.add_account("log")
    organizations = aws.client("organizations")
    unit = organizations.create_organizational_unit(ParentId=root_id, Name="Security")["OrganizationalUnit"]
    organizations.move_account(AccountId=account_id, SourceParentId=root_id, DestinationParentId=unit["Id"])
    wanted = {"OrganizationalUnitId": unit["Id"]}

    assert refusal(organizations.delete_organizational_unit, **wanted)[0] == "OrganizationalUnitNotEmptyException"
    organizations.move_account(AccountId=account_id, SourceParentId=unit["Id"], DestinationParentId=root_id)
    organizations.delete_organizational_unit(**wanted)
    assert refusal(organizations.delete_organizational_unit, **wanted)[0] == "OrganizationalUnitNotFoundException"


def test_ous_are_listed_by_twenty(aws: Aws) -> None:
    root_id = aws.found_organization()
    organizations = aws.client("organizations")
    names = [f"Unit {number}" for number in range(41)]
    for name in names:
        organizations.create_organizational_unit(ParentId=root_id, Name=name)

    pages = list(organizations.get_paginator("list_organizational_units_for_parent").paginate(ParentId=root_id))
    children = organizations.get_paginator("list_children").paginate(ParentId=root_id, ChildType="ORGANIZATIONAL_UNIT")

    assert [len(page["OrganizationalUnits"]) for page in pages] == [20, 20, 1]
    assert [unit["Name"] for page in pages for unit in page["OrganizationalUnits"]] == names
    assert len(children.build_full_result()["Children"]) == len(names)


def test_a_created_account_appears_in_the_root_when_its_creation_is_done(aws: Aws) -> None:
    root_id = aws.found_organization()
    organizations = aws.client("organizations")
    tags = [{"Key": "kind", "Value": "log"}]
    request = organizations.create_account(AccountName="log", Email="log@example.com", Tags=tags)["CreateAccountStatus"]
    aws.clock.wait(aws.settings.account_creation_seconds - 1)

    assert len(organizations.list_accounts()["Accounts"]) == 1
    wanted = {"CreateAccountRequestId": request["Id"]}
    waiting = organizations.describe_create_account_status(**wanted)["CreateAccountStatus"]
    aws.clock.wait(1)
    done = organizations.describe_create_account_status(**wanted)["CreateAccountStatus"]
    account = organizations.describe_account(AccountId=done["AccountId"])["Account"]

    assert (waiting["State"], done["State"]) == ("IN_PROGRESS", "SUCCEEDED")
    duration = done["CompletedTimestamp"] - done["RequestedTimestamp"]
    assert duration.total_seconds() == pytest.approx(aws.settings.account_creation_seconds, abs=0.01)
    assert (account["Name"], account["Email"], account["Status"]) == ("log", "log@example.com", "ACTIVE")
    assert organizations.list_parents(ChildId=account["Id"])["Parents"] == [{"Id": root_id, "Type": "ROOT"}]
    assert organizations.list_tags_for_resource(ResourceId=account["Id"])["Tags"] == tags


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("log@example.com", "EMAIL_ALREADY_EXISTS"),
        ("LOG@Example.com", "EMAIL_ALREADY_EXISTS"),
        ("management@example.com", "EMAIL_ALREADY_EXISTS"),
        ("new@example..com", "INVALID_EMAIL"),
    ],
)
def test_a_creation_fails_later_over_its_email(aws: Aws, email: str, reason: str) -> None:
    aws.found_organization()
    organizations = aws.client("organizations")
    organizations.create_account(AccountName="log", Email="log@example.com")
    request = organizations.create_account(AccountName="other", Email=email)["CreateAccountStatus"]
    aws.clock.wait(aws.settings.account_creation_seconds)

    wanted = {"CreateAccountRequestId": request["Id"]}
    status = organizations.describe_create_account_status(**wanted)["CreateAccountStatus"]

    assert (request["State"], status["State"], status["FailureReason"]) == ("IN_PROGRESS", "FAILED", reason)
    assert len(organizations.list_accounts()["Accounts"]) == 2


def test_accounts_are_limited_in_number_those_in_creation_included(aws: Aws) -> None:
    aws.found_organization()
    organizations = aws.client("organizations")
    aws.settings.account_quota = 2
    organizations.create_account(AccountName="log", Email="log@example.com")

    refused = refusal(organizations.create_account, AccountName="audit", Email="audit@example.com")

    assert refused == ("ConstraintViolationException", "ACCOUNT_NUMBER_LIMIT_EXCEEDED")


def test_a_creation_fails_when_the_quota_is_reached_meanwhile(aws: Aws) -> None:
    aws.found_organization()
    organizations = aws.client("organizations")
    organizations.create_account(AccountName="log", Email="log@example.com")
    aws.settings.account_quota = 1
    aws.clock.wait(aws.settings.account_creation_seconds)

    [status] = organizations.list_create_account_status(States=["FAILED"])["CreateAccountStatuses"]

    assert status["FailureReason"] == "ACCOUNT_LIMIT_EXCEEDED"


def test_only_five_accounts_are_created_at_a_time(aws: Aws) -> None:
    aws.found_organization()
    organizations = aws.client("organizations")
    for number in range(5):
        organizations.create_account(AccountName=f"a{number}", Email=f"a{number}@example.com")
    sixth = {"AccountName": "a5", "Email": "a5@example.com"}

    assert refusal(organizations.create_account, **sixth)[1] == "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"
    aws.clock.wait(aws.settings.account_creation_seconds)
    organizations.create_account(**sixth)
    open_requests = organizations.list_create_account_status(States=["IN_PROGRESS"])["CreateAccountStatuses"]
    assert [status["AccountName"] for status in open_requests] == ["a5"]


def test_an_unknown_creation_is_not_found(aws: Aws) -> None:
    aws.found_organization()

    call = aws.client("organizations").describe_create_account_status

    assert refusal(call, CreateAccountRequestId="car-12345678")[0] == "CreateAccountStatusNotFoundException"


def test_accounts_and_creations_are_listed_by_twenty_and_every_one_once(aws: Aws) -> None:
    root_id = aws.found_organization()
    organizations = aws.client("organizations")
    aws.settings.account_quota = aws.settings.concurrent_creations = 50
    for number in range(44):
        organizations.create_account(AccountName=f"a{number}", Email=f"a{number}@example.com")
    aws.clock.wait(aws.settings.account_creation_seconds)

    def pages(operation: str, key: str, **parameters: Any) -> tuple[list[int], int]:
        answers = list(organizations.get_paginator(operation).paginate(**parameters))
        ids = {item["Id"] for answer in answers for item in answer[key]}
        return [len(answer[key]) for answer in answers], len(ids)

    assert pages("list_accounts", "Accounts") == ([20, 20, 5], 45)
    assert pages("list_accounts_for_parent", "Accounts", ParentId=root_id) == ([20, 20, 5], 45)
    assert pages("list_create_account_status", "CreateAccountStatuses") == ([20, 20, 4], 44)


def test_an_account_moves_from_where_it_is(aws: Aws) -> None:
    root_id = aws.found_organization()
    account_id = aws.add_account("log")
    organizations = aws.client("organizations")
    unit_id = organizations.create_organizational_unit(ParentId=root_id, Name="Security")["OrganizationalUnit"]["Id"]
    nowhere = "ou-abcd-12345678"

    def refused(account: str, source: str, destination: str) -> str:
        parameters = {"AccountId": account, "SourceParentId": source, "DestinationParentId": destination}
        return refusal(organizations.move_account, **parameters)[0]

    assert refused(account_id, unit_id, nowhere) == "DestinationParentNotFoundException"
    assert refused(account_id, root_id, root_id) == "DuplicateAccountException"
    assert refused("999999999999", root_id, unit_id) == "AccountNotFoundException"
    assert refused(account_id, nowhere, unit_id) == "SourceParentNotFoundException"
    organizations.move_account(AccountId=account_id, SourceParentId=root_id, DestinationParentId=unit_id)
    assert refused(account_id, root_id, unit_id) == "DuplicateAccountException"
    assert organizations.list_children(ParentId=unit_id, ChildType="ACCOUNT")["Children"][0]["Id"] == account_id
    [account] = organizations.list_accounts_for_parent(ParentId=unit_id)["Accounts"]
    assert account["Paths"][0].endswith(f"/{root_id}/{unit_id}/{account_id}/")


def test_a_closed_account_is_suspended_after_a_while_and_stays_listed(aws: Aws) -> None:
    aws.found_organization()
    account_id = aws.add_account("log")
    organizations = aws.client("organizations")

    def state() -> tuple[str, str]:
        [account] = [one for one in organizations.list_accounts()["Accounts"] if one["Id"] == account_id]
        return account["State"], account["Status"]

    organizations.close_account(AccountId=account_id)
    assert state() == ("PENDING_CLOSURE", "PENDING_CLOSURE")
    assert refusal(organizations.close_account, AccountId=account_id)[0] == "ConflictException"
    aws.clock.wait(aws.settings.account_closure_seconds)
    assert state() == ("SUSPENDED", "SUSPENDED")
    assert refusal(organizations.close_account, AccountId=account_id)[0] == "AccountAlreadyClosedException"


def test_the_management_account_cannot_be_closed_and_others_only_few_at_a_time(aws: Aws) -> None:
    aws.found_organization()
    aws.settings.concurrent_closures = 1
    first, second = aws.add_account("first"), aws.add_account("second")
    organizations = aws.client("organizations")
    organizations.close_account(AccountId=first)

    management = {"AccountId": MANAGEMENT_ACCOUNT_ID}
    assert refusal(organizations.close_account, **management)[1] == "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"
    assert refusal(organizations.close_account, AccountId=second)[1] == "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"


def test_a_created_account_can_be_removed_after_four_days(aws: Aws) -> None:
    aws.found_organization()
    account_id = aws.add_account("log")
    organizations = aws.client("organizations")
    remove = organizations.remove_account_from_organization

    assert refusal(remove, AccountId=MANAGEMENT_ACCOUNT_ID)[0] == "MasterCannotLeaveOrganizationException"
    assert refusal(remove, AccountId=account_id) == ("ConstraintViolationException", "WAIT_PERIOD_ACTIVE")
    aws.clock.wait(4 * DAY)
    remove(AccountId=account_id)
    assert refusal(organizations.describe_account, AccountId=account_id)[0] == "AccountNotFoundException"


def test_a_delegated_administrator_cannot_be_removed(aws: Aws) -> None:
    aws.found_organization()
    audit = aws.add_account("audit")
    membership.register_administrator(MANAGEMENT_ACCOUNT_ID, audit, "guardduty.amazonaws.com")

    refused = refusal(aws.client("organizations").remove_account_from_organization, AccountId=audit)

    assert refused[1] == "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"


@pytest.mark.parametrize(
    "principal",
    [
        "ec2.amazonaws.com",
        "guardduty.amazonaws.com",
        "iam.amazonaws.com",
        "malware-protection.guardduty.amazonaws.com",
        "observabilityadmin.amazonaws.com",
        "security-ir.amazonaws.com",
        "securitylake.amazonaws.com",
    ],
)
def test_trusted_access_is_enabled_once_and_disabled(aws: Aws, principal: str) -> None:
    aws.found_organization()
    organizations = aws.client("organizations")

    def enabled() -> list[str]:
        answer = organizations.list_aws_service_access_for_organization()
        return [service["ServicePrincipal"] for service in answer["EnabledServicePrincipals"]]

    organizations.enable_aws_service_access(ServicePrincipal=principal)
    organizations.enable_aws_service_access(ServicePrincipal=principal)
    assert enabled() == [principal]
    organizations.disable_aws_service_access(ServicePrincipal=principal)
    assert enabled() == []


@pytest.mark.parametrize(
    "operation", ["enable_aws_service_access", "disable_aws_service_access", "list_delegated_administrators"]
)
def test_an_unknown_service_principal_is_refused(aws: Aws, operation: str) -> None:
    aws.found_organization()

    refused = refusal(getattr(aws.client("organizations"), operation), ServicePrincipal="nobody.amazonaws.com")

    assert refused == ("InvalidInputException", "UNRECOGNIZED_SERVICE_PRINCIPAL")


def test_trusted_access_is_listed_by_pages(aws: Aws) -> None:
    aws.found_organization()
    organizations = aws.client("organizations")
    for principal in ("config.amazonaws.com", "sso.amazonaws.com", "ram.amazonaws.com"):
        organizations.enable_aws_service_access(ServicePrincipal=principal)

    first = organizations.list_aws_service_access_for_organization(MaxResults=2)
    second = organizations.list_aws_service_access_for_organization(MaxResults=2, NextToken=first["NextToken"])

    assert [service["ServicePrincipal"] for service in second["EnabledServicePrincipals"]] == ["ram.amazonaws.com"]
    assert "NextToken" not in second


def test_registering_an_administrator_needs_trusted_access_and_registers_nothing_when_refused(aws: Aws) -> None:
    aws.found_organization()
    audit = aws.add_account("audit")
    organizations = aws.client("organizations")
    wanted = {"AccountId": audit, "ServicePrincipal": "config.amazonaws.com"}
    not_yet = ("ConstraintViolationException", "SERVICE_ACCESS_NOT_ENABLED")

    assert refusal(organizations.register_delegated_administrator, **wanted) == not_yet
    assert organizations.list_delegated_administrators()["DelegatedAdministrators"] == []
    assert refusal(organizations.list_delegated_services_for_account, AccountId=audit)[0] == (
        "AccountNotRegisteredException"
    )


def test_the_management_account_and_suspended_and_unknown_accounts_cannot_be_administrators(aws: Aws) -> None:
    aws.found_organization()
    closed = aws.add_account("closed")
    organizations = aws.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    organizations.close_account(AccountId=closed)

    def refused(account_id: str) -> tuple[str, str | None]:
        parameters = {"AccountId": account_id, "ServicePrincipal": "config.amazonaws.com"}
        return refusal(organizations.register_delegated_administrator, **parameters)

    assert refused(MANAGEMENT_ACCOUNT_ID)[1] == "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"
    assert refused(closed)[1] == "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"
    assert refused("999999999999")[0] == "AccountNotFoundException"


@pytest.mark.parametrize(
    ("principal", "allowed", "reason"),
    [
        ("access-analyzer.amazonaws.com", 1, "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"),
        ("cloudtrail.amazonaws.com", 3, "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED"),
    ],
)
def test_a_service_has_so_many_administrators(aws: Aws, principal: str, allowed: int, reason: str) -> None:
    aws.found_organization()
    organizations = aws.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal=principal)
    *members, last = [aws.add_account(f"a{number}") for number in range(allowed + 1)]
    for member in members:
        organizations.register_delegated_administrator(AccountId=member, ServicePrincipal=principal)
    again = {"AccountId": members[0], "ServicePrincipal": principal}

    assert refusal(organizations.register_delegated_administrator, **again)[0] == "AccountAlreadyRegisteredException"
    one_more = {"AccountId": last, "ServicePrincipal": principal}
    assert refusal(organizations.register_delegated_administrator, **one_more)[1] == reason
    administrators = organizations.list_delegated_administrators(ServicePrincipal=principal)["DelegatedAdministrators"]
    assert [administrator["Id"] for administrator in administrators] == members


def test_an_administrator_of_two_services_is_listed_once_and_deregistered_from_each(aws: Aws) -> None:
    aws.found_organization()
    audit = aws.add_account("audit")
    organizations = aws.client("organizations")
    principals = ["config.amazonaws.com", "config-multiaccountsetup.amazonaws.com"]
    for principal in principals:
        organizations.enable_aws_service_access(ServicePrincipal=principal)
        organizations.register_delegated_administrator(AccountId=audit, ServicePrincipal=principal)

    [administrator] = organizations.list_delegated_administrators()["DelegatedAdministrators"]
    services = organizations.list_delegated_services_for_account(AccountId=audit)["DelegatedServices"]
    assert (administrator["Id"], administrator["State"]) == (audit, "ACTIVE")
    assert [service["ServicePrincipal"] for service in services] == principals

    wanted = {"AccountId": audit, "ServicePrincipal": principals[0]}
    organizations.deregister_delegated_administrator(**wanted)
    assert refusal(organizations.deregister_delegated_administrator, **wanted)[0] == "AccountNotRegisteredException"
    left = organizations.list_delegated_administrators(ServicePrincipal=principals[1])["DelegatedAdministrators"]
    assert [one["Id"] for one in left] == [audit]
    organizations.deregister_delegated_administrator(AccountId=audit, ServicePrincipal=principals[1])
    assert organizations.list_delegated_administrators()["DelegatedAdministrators"] == []


def test_a_reset_sandbox_remembers_no_organization(aws: Aws) -> None:
    aws.found_organization()
    aws.client("organizations").create_account(AccountName="log", Email="log@example.com")

    aws.running.reset()
    aws.clock.wait(aws.settings.account_creation_seconds)

    aws.found_organization()
    assert len(aws.client("organizations").list_accounts()["Accounts"]) == 1
    assert aws.client("organizations").list_create_account_status()["CreateAccountStatuses"] == []
