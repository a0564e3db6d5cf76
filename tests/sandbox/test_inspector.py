from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

HOME, OTHER = "eu-west-1", "us-east-1"
PRINCIPAL = "inspector2.amazonaws.com"
ALL = ["EC2", "ECR", "LAMBDA", "LAMBDA_CODE", "CODE_REPOSITORY"]
FIELDS = ("ec2", "ecr", "lambda", "lambdaCode", "codeRepository")
NO_ACCESS = ("ACCESS_DENIED", "Invoking account does not have access to this account")
DENIED, INVALID, ABSENT = "AccessDeniedException", "ValidationException", "ResourceNotFoundException"


def message(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    text: str = raised.value.response["Error"]["Message"]
    return text


def failures(answer: Any) -> dict[str, str]:
    return {one["accountId"]: one["errorCode"] for one in answer["failedAccounts"]}


@dataclass
class Company:
    """An organization with the accounts audit and log, where Inspector has trusted access."""

    aws: Aws
    audit: str
    log: str

    def inspector(self, account: str | None = None, region: str = HOME) -> Any:
        return self.aws.client("inspector2", region, account)

    def wait(self) -> None:
        self.aws.clock.wait(self.aws.settings.enabling_seconds)

    def delegate(self, region: str = HOME) -> None:
        self.inspector(region=region).enable_delegated_admin_account(delegatedAdminAccountId=self.audit)
        self.aws.clock.wait(self.aws.settings.delegation_seconds)

    def enable(self, *accounts: str, types: list[str] | None = None, by: str | None = None) -> Any:
        answer = self.inspector(by or self.audit).enable(accountIds=list(accounts), resourceTypes=types or ALL)
        self.wait()
        return answer

    def associate(self, *accounts: str) -> None:
        for account in accounts:
            self.inspector(self.audit).associate_member(accountId=account)
        self.wait()

    def configure(self, **on: bool) -> Any:
        wanted = {"ec2": False, "ecr": False} | on
        return self.inspector(self.audit).update_organization_configuration(autoEnable=wanted)

    def statuses(self, account: str, by: str | None = None, region: str = HOME) -> dict[str, str]:
        """The status of each scan of an account, as the administrator sees it or as another does."""
        answer = self.inspector(by or self.audit, region).batch_get_account_status(accountIds=[account])
        [found] = answer["accounts"]
        return {"": found["state"]["status"]} | {k: v["status"] for k, v in found["resourceState"].items()}

    def members(self, *, associated: bool = True) -> dict[str, str]:
        listed = self.inspector(self.audit).list_members(onlyAssociated=associated)["members"]
        return {member["accountId"]: member["relationshipStatus"] for member in listed}


def all_set_to(status: str) -> dict[str, str]:
    return dict.fromkeys(("", *FIELDS), status)


@pytest.fixture
def company(aws: Aws) -> Company:
    aws.found_organization()
    found = Company(aws, aws.add_account("audit"), aws.add_account("log"))
    aws.client("organizations").enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    return found


@pytest.fixture
def delegated(company: Company) -> Company:
    """Administered from audit, whose own scans are on."""
    company.delegate()
    company.enable(company.audit)
    return company


def test_scans_are_off_at_first_and_take_a_while_to_come_and_go(company: Company) -> None:
    inspector = company.inspector(company.log)
    assert company.statuses(company.log, company.log) == all_set_to("DISABLED")

    answer = inspector.enable(resourceTypes=["EC2", "ECR"])

    assert answer["failedAccounts"] == []
    assert answer["accounts"][0]["status"] == "ENABLING"
    assert answer["accounts"][0]["resourceStatus"]["ec2"] == "ENABLING"
    assert company.statuses(company.log, company.log)["ecr"] == "ENABLING"
    assert failures(inspector.disable(resourceTypes=["EC2"])) == {company.log: "ENABLE_IN_PROGRESS"}
    company.wait()
    on = {"": "ENABLED", "ec2": "ENABLED", "ecr": "ENABLED"}
    assert company.statuses(company.log, company.log) == all_set_to("DISABLED") | on
    assert failures(inspector.enable(resourceTypes=["EC2"])) == {}
    assert inspector.disable(resourceTypes=["EC2"])["accounts"][0]["resourceStatus"]["ec2"] == "DISABLING"
    assert failures(inspector.enable(resourceTypes=["EC2"])) == {company.log: "DISABLE_IN_PROGRESS"}
    company.wait()
    assert company.statuses(company.log, company.log)["ec2"] == "DISABLED"
    inspector.disable()
    company.wait()
    assert company.statuses(company.log, company.log) == all_set_to("DISABLED")
    assert company.statuses(company.log, company.log, OTHER) == all_set_to("DISABLED")


def test_lambda_code_scanning_needs_standard_scanning(company: Company) -> None:
    inspector = company.inspector(company.log)
    assert refusal(inspector.enable, resourceTypes=["LAMBDA_CODE"])[0] == INVALID
    inspector.enable(resourceTypes=["LAMBDA"])
    inspector.enable(resourceTypes=["LAMBDA_CODE"])
    company.wait()
    assert company.statuses(company.log, company.log)["lambdaCode"] == "ENABLED"
    inspector.disable(resourceTypes=["LAMBDA"])
    company.wait()
    assert company.statuses(company.log, company.log) == all_set_to("DISABLED")


def test_a_region_without_a_scan_type_says_so_with_the_code_of_a_denial(delegated: Company) -> None:
    seoul = delegated.inspector(delegated.log, "ap-northeast-2")
    text = "Lambda code scanning is not supported in ap-northeast-2"

    for call in (seoul.enable, seoul.disable):
        assert message(call, resourceTypes=["EC2", "LAMBDA", "LAMBDA_CODE"]) == text
        assert refusal(call, resourceTypes=["LAMBDA_CODE"])[0] == DENIED
    assert seoul.enable(resourceTypes=["EC2", "LAMBDA"])["failedAccounts"] == []
    delegated.wait()
    assert delegated.statuses(delegated.log, delegated.log, "ap-northeast-2")["lambdaCode"] == "DISABLED"
    seoul.disable()
    delegated.wait()
    assert delegated.statuses(delegated.log, delegated.log, "ap-northeast-2")["ec2"] == "DISABLED"
    delegated.aws.settings.inspector_missing_scan_types = {HOME: frozenset({"CODE_REPOSITORY"})}
    assert refusal(delegated.configure, codeRepository=True) == (DENIED, None)
    assert "codeRepository" not in delegated.statuses(delegated.log, delegated.log)
    delegated.configure(codeRepository=False)


def test_a_request_that_is_wrong_is_refused_as_a_whole(delegated: Company) -> None:
    inspector = delegated.inspector(delegated.audit)
    many = [f"{number:012}" for number in range(101)]

    assert refusal(inspector.enable, resourceTypes=["DISKS"])[0] == INVALID
    assert refusal(inspector.enable, resourceTypes=["EC2"], accountIds=many)[0] == INVALID
    assert refusal(inspector.disable, accountIds=many)[0] == INVALID
    assert refusal(inspector.batch_get_account_status, accountIds=many)[0] == INVALID
    assert len(inspector.batch_get_account_status(accountIds=many[:100])["failedAccounts"]) == 100


def test_only_the_management_account_delegates_and_needs_trusted_access(aws: Aws) -> None:
    assert refusal(aws.client("inspector2").list_delegated_admin_accounts)[0] == DENIED
    aws.found_organization()
    audit, log = aws.add_account("audit"), aws.add_account("log")
    inspector = aws.client("inspector2")

    assert refusal(inspector.enable_delegated_admin_account, delegatedAdminAccountId=audit)[0] == DENIED
    aws.client("organizations").enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    for wrong in (MANAGEMENT_ACCOUNT_ID, "999999999999"):
        assert refusal(inspector.enable_delegated_admin_account, delegatedAdminAccountId=wrong)[0] == INVALID
    member = aws.client("inspector2", account=log)
    assert refusal(member.enable_delegated_admin_account, delegatedAdminAccountId=audit)[0] == DENIED
    assert refusal(member.list_delegated_admin_accounts)[0] == DENIED
    assert inspector.list_delegated_admin_accounts()["delegatedAdminAccounts"] == []
    assert refusal(inspector.get_delegated_admin_account)[0] == ABSENT

    inspector.enable_delegated_admin_account(delegatedAdminAccountId=audit)

    listed = [{"accountId": audit, "status": "ENABLED"}]
    assert inspector.list_delegated_admin_accounts()["delegatedAdminAccounts"] == listed
    assert refusal(aws.client("inspector2", account=audit).list_delegated_admin_accounts)[0] == INVALID
    for account in (None, audit, log):
        found = aws.client("inspector2", account=account).get_delegated_admin_account()["delegatedAdmin"]
        assert found == {"accountId": audit, "relationshipStatus": "ENABLED"}
    registered = aws.client("organizations").list_delegated_administrators(ServicePrincipal=PRINCIPAL)
    assert [one["Id"] for one in registered["DelegatedAdministrators"]] == [audit]
    assert refusal(aws.client("inspector2", OTHER).get_delegated_admin_account)[0] == ABSENT


def test_one_account_administers_all_regions(company: Company) -> None:
    company.delegate()
    elsewhere = company.inspector(region=OTHER)

    assert refusal(company.delegate)[0] == "ConflictException"
    other = {"delegatedAdminAccountId": company.log}
    assert refusal(elsewhere.enable_delegated_admin_account, **other)[0] == "ConflictException"
    company.delegate(OTHER)
    assert elsewhere.get_delegated_admin_account()["delegatedAdmin"]["accountId"] == company.audit


def test_the_administrator_can_manage_the_organization_after_a_while(company: Company) -> None:
    company.inspector().enable_delegated_admin_account(delegatedAdminAccountId=company.audit)
    administrator = company.inspector(company.audit)
    company.enable(company.audit)

    for call in (administrator.describe_organization_configuration, administrator.list_members):
        assert refusal(call)[0] == DENIED
    assert refusal(administrator.associate_member, accountId=company.log)[0] == DENIED
    company.aws.clock.wait(company.aws.settings.delegation_seconds)
    assert administrator.list_members()["members"] == []
    for other in (None, company.log):
        assert refusal(company.inspector(other).describe_organization_configuration)[0] == DENIED
        assert refusal(company.inspector(other).list_members)[0] == DENIED


def test_an_administrator_that_is_not_scanned_itself_can_change_nothing(company: Company) -> None:
    company.delegate()
    text = "Invoking account is not enabled"

    assert message(company.configure, ec2=True) == text
    assert message(company.inspector(company.audit).associate_member, accountId=company.log) == text
    company.enable(company.audit)
    company.configure(ec2=True)
    company.associate(company.log)
    assert company.members() == {company.log: "ENABLED"}


def test_at_first_nothing_is_enabled_in_accounts_that_join(delegated: Company) -> None:
    administrator = delegated.inspector(delegated.audit)
    off = dict.fromkeys((*FIELDS, "ami"), False)
    found = administrator.describe_organization_configuration()
    assert (found["autoEnable"], found["maxAccountLimitReached"]) == (off, False)

    on = {"ec2": True, "lambda": True, "lambdaCode": True}
    assert delegated.configure(**on)["autoEnable"] == off | on
    assert administrator.describe_organization_configuration()["autoEnable"] == off | on
    assert refusal(delegated.configure, lambdaCode=True)[0] == INVALID
    delegated.configure(ecr=True)
    assert administrator.describe_organization_configuration()["autoEnable"] == off | {"ecr": True}


def test_an_account_that_joins_is_enrolled_after_a_while_and_those_before_it_are_not(delegated: Company) -> None:
    delegated.configure(ec2=True, ecr=True)
    new = delegated.aws.add_account("new")
    delegated.aws.clock.wait(delegated.aws.settings.auto_enable_seconds)

    assert delegated.members() == {new: "ENABLED"}
    delegated.wait()
    on = {"": "ENABLED", "ec2": "ENABLED", "ecr": "ENABLED"}
    assert delegated.statuses(new) == all_set_to("DISABLED") | on
    assert delegated.statuses(new, new)["ec2"] == "ENABLED"
    assert delegated.statuses(delegated.log, delegated.log) == all_set_to("DISABLED")
    delegated.configure()
    unwatched = delegated.aws.add_account("unwatched")
    delegated.aws.clock.wait(delegated.aws.settings.auto_enable_seconds)
    delegated.configure(ec2=True)
    assert delegated.members() == {new: "ENABLED"}
    assert delegated.statuses(unwatched, unwatched)["ec2"] == "DISABLED"


def test_members_are_associated_after_a_while_and_then_enabled_by_their_administrator(delegated: Company) -> None:
    administrator = delegated.inspector(delegated.audit)
    assert refusal(administrator.get_member, accountId=delegated.log)[0] == DENIED
    answer = administrator.enable(accountIds=[delegated.log], resourceTypes=["EC2"])
    assert [(one["errorCode"], one["errorMessage"]) for one in answer["failedAccounts"]] == [NO_ACCESS]
    assert failures(administrator.batch_get_account_status(accountIds=[delegated.log])) == {
        delegated.log: "ACCESS_DENIED"
    }

    administrator.associate_member(accountId=delegated.log)

    assert delegated.members() == {}
    assert delegated.members(associated=False) == {delegated.log: "CREATED"}
    administrator.associate_member(accountId=delegated.log)
    delegated.associate(MANAGEMENT_ACCOUNT_ID)
    assert delegated.members() == {delegated.log: "ENABLED", MANAGEMENT_ACCOUNT_ID: "ENABLED"}
    member = administrator.get_member(accountId=delegated.log)["member"]
    assert member["delegatedAdminAccountId"] == delegated.audit
    assert delegated.enable(delegated.log, MANAGEMENT_ACCOUNT_ID)["failedAccounts"] == []
    assert delegated.statuses(delegated.log) == all_set_to("ENABLED")
    assert delegated.statuses(delegated.log, delegated.log) == all_set_to("ENABLED")
    assert delegated.inspector().batch_get_account_status()["accounts"][0]["state"]["status"] == "ENABLED"
    assert failures(delegated.inspector(delegated.log).batch_get_account_status(accountIds=[delegated.audit])) == {
        delegated.audit: "ACCESS_DENIED"
    }
    administrator.disable(accountIds=[delegated.log], resourceTypes=["EC2"])
    delegated.wait()
    assert delegated.statuses(delegated.log, delegated.log)["ec2"] == "DISABLED"


def test_who_cannot_be_a_member_is_refused(delegated: Company) -> None:
    administrator = delegated.inspector(delegated.audit)
    for wrong in (delegated.audit, "999999999999"):
        assert refusal(administrator.associate_member, accountId=wrong)[0] == INVALID
    assert refusal(administrator.disassociate_member, accountId=delegated.log)[0] == INVALID
    assert refusal(delegated.inspector(delegated.log).associate_member, accountId=delegated.audit)[0] == DENIED
    assert refusal(delegated.inspector(delegated.log).disassociate_member, accountId=delegated.audit)[0] == DENIED
    assert refusal(delegated.inspector(delegated.log).get_member, accountId=delegated.log)[0] == DENIED


def test_members_come_in_pages_of_fifty(delegated: Company) -> None:
    delegated.aws.settings.account_quota = 100
    accounts = [delegated.aws.add_account(f"member-{number}") for number in range(51)]
    delegated.associate(*accounts)
    administrator = delegated.inspector(delegated.audit)

    first = administrator.list_members()
    rest = administrator.list_members(nextToken=first["nextToken"])

    assert (len(first["members"]), len(rest["members"]), "nextToken" in rest) == (50, 1, False)
    assert refusal(administrator.list_members, maxResults=51)[0] == INVALID
    assert refusal(administrator.list_members, nextToken="no such token")[0] == INVALID


def test_a_member_can_neither_disable_itself_nor_configure_its_scans(delegated: Company) -> None:
    delegated.associate(delegated.log)
    delegated.enable(delegated.log)
    member = delegated.inspector(delegated.log)

    assert message(member.disable) == f"Member account {delegated.log} is not authorized to disable itself."
    assert refusal(member.update_configuration, ecrConfiguration={"rescanDuration": "LIFETIME"})[0] == DENIED
    assert refusal(member.update_ec2_deep_inspection_configuration, activateDeepInspection=False)[0] == DENIED
    assert delegated.statuses(delegated.log) == all_set_to("ENABLED")


def test_a_member_that_is_let_go_keeps_its_scans_and_is_on_its_own(delegated: Company) -> None:
    delegated.associate(delegated.log)
    delegated.enable(delegated.log)
    administrator, member = delegated.inspector(delegated.audit), delegated.inspector(delegated.log)
    administrator.update_configuration(ec2Configuration={"scanMode": "EC2_SSM_AGENT_BASED"})

    administrator.disassociate_member(accountId=delegated.log)

    assert delegated.members() == {}
    assert delegated.members(associated=False) == {delegated.log: "REMOVED"}
    assert delegated.statuses(delegated.log, delegated.log) == all_set_to("ENABLED")
    assert failures(administrator.enable(accountIds=[delegated.log], resourceTypes=["EC2"])) != {}
    assert member.get_configuration()["ec2Configuration"]["scanModeState"]["scanMode"] == "EC2_SSM_AGENT_BASED"
    assert refusal(administrator.disassociate_member, accountId=delegated.log)[0] == INVALID
    member.disable()
    delegated.associate(delegated.log)
    assert delegated.members() == {delegated.log: "ENABLED"}


def test_an_administrator_cannot_leave_its_members(delegated: Company) -> None:
    delegated.associate(delegated.log)
    administrator = delegated.inspector(delegated.audit)

    assert failures(administrator.disable()) == {delegated.audit: "DISASSOCIATE_ALL_MEMBERS"}
    assert failures(administrator.disable(resourceTypes=["ECR"])) == {}
    administrator.disassociate_member(accountId=delegated.log)
    delegated.wait()
    assert failures(administrator.disable()) == {}


def test_when_the_administrator_is_removed_all_scans_stay(delegated: Company) -> None:
    delegated.associate(delegated.log)
    delegated.enable(delegated.log)
    delegated.configure(ec2=True)
    management = delegated.inspector()
    assert refusal(management.disable_delegated_admin_account, delegatedAdminAccountId=delegated.log)[0] == ABSENT

    management.disable_delegated_admin_account(delegatedAdminAccountId=delegated.audit)

    leaving = [{"accountId": delegated.audit, "status": "DISABLE_IN_PROGRESS"}]
    assert management.list_delegated_admin_accounts()["delegatedAdminAccounts"] == leaving
    assert refusal(delegated.delegate)[0] == "ConflictException"
    delegated.wait()
    assert management.list_delegated_admin_accounts()["delegatedAdminAccounts"] == []
    for account in (delegated.audit, delegated.log):
        assert delegated.statuses(account, account) == all_set_to("ENABLED")
    delegated.delegate()
    assert delegated.members(associated=False) == {}
    found = delegated.inspector(delegated.audit).describe_organization_configuration()["autoEnable"]
    assert set(found.values()) == {False}
    delegated.inspector(delegated.log).disable()


def test_suspended_accounts_fail_and_the_others_do_not(delegated: Company) -> None:
    closed = delegated.aws.add_account("closed")
    delegated.associate(closed, delegated.log)
    delegated.enable(closed)
    delegated.aws.client("organizations").close_account(AccountId=closed)
    delegated.aws.clock.wait(delegated.aws.settings.account_closure_seconds)

    answer = delegated.enable(closed, delegated.log)

    assert failures(answer) == {closed: "ACCOUNT_IS_ISOLATED"}
    assert [one["accountId"] for one in answer["accounts"]] == [delegated.log]
    assert delegated.members()[closed] == "ACCOUNT_SUSPENDED"
    assert delegated.statuses(closed) == all_set_to("SUSPENDED")


def test_an_account_without_the_region_becomes_no_member(company: Company) -> None:
    region = "ap-east-2"
    for account in (None, company.audit):
        company.aws.client("account", account=account).enable_region(RegionName=region)
    company.aws.clock.wait(company.aws.settings.region_seconds)
    company.delegate(region)
    administrator = company.inspector(company.audit, region)
    administrator.enable(resourceTypes=["EC2"])
    company.wait()

    administrator.associate_member(accountId=company.log)

    company.wait()
    assert administrator.list_members()["members"] == []
    [member] = administrator.list_members(onlyAssociated=False)["members"]
    assert member["relationshipStatus"] == "REGION_DISABLED"


def test_scans_are_configured_for_the_administrator_and_all_its_members(delegated: Company) -> None:
    delegated.associate(delegated.log, MANAGEMENT_ACCOUNT_ID)
    delegated.enable(delegated.log, MANAGEMENT_ACCOUNT_ID)
    administrator, member = delegated.inspector(delegated.audit), delegated.inspector(delegated.log)
    found = administrator.get_configuration()
    rescan = found["ecrConfiguration"]["rescanDurationState"]
    assert (rescan["rescanDuration"], rescan["pullDateRescanDuration"]) == ("DAYS_14", "DAYS_14")
    assert (rescan["pullDateRescanMode"], rescan["status"]) == ("LAST_IN_USE_AT", "SUCCESS")
    assert found["ec2Configuration"]["scanModeState"]["scanMode"] == "EC2_HYBRID"

    wanted = {"rescanDuration": "DAYS_90", "pullDateRescanDuration": "DAYS_30"}
    administrator.update_configuration(ecrConfiguration=wanted, ec2Configuration={"scanMode": "EC2_SSM_AGENT_BASED"})

    found = member.get_configuration()
    rescan = found["ecrConfiguration"]["rescanDurationState"]
    assert (rescan["rescanDuration"], rescan["pullDateRescanDuration"]) == ("DAYS_90", "DAYS_30")
    assert (rescan["pullDateRescanMode"], rescan["status"]) == ("LAST_IN_USE_AT", "PENDING")
    assert found["ec2Configuration"]["scanModeState"] == {
        "scanMode": "EC2_SSM_AGENT_BASED",
        "scanModeStatus": "PENDING",
    }
    delegated.wait()
    assert member.get_configuration()["ecrConfiguration"]["rescanDurationState"]["status"] == "SUCCESS"
    own = {"rescanDuration": "DAYS_7"}
    administrator.update_configuration(ecrConfiguration=own, accountId=delegated.log)
    administrator.update_configuration(ecrConfiguration={"rescanDuration": "LIFETIME"})
    by_account = {
        account: administrator.get_configuration(accountId=account)["ecrConfiguration"]["rescanDurationState"]
        for account in (delegated.log, MANAGEMENT_ACCOUNT_ID)
    }
    assert by_account[delegated.log]["rescanDuration"] == "DAYS_7"
    assert by_account[delegated.log]["pullDateRescanDuration"] == "DAYS_30"
    assert by_account[MANAGEMENT_ACCOUNT_ID]["rescanDuration"] == "LIFETIME"


def test_configurations_that_cannot_be_are_refused(delegated: Company) -> None:
    administrator = delegated.inspector(delegated.audit)
    update = administrator.update_configuration

    assert refusal(update, ecrConfiguration={"rescanDuration": "DAYS_1"})[0] == INVALID
    assert refusal(update, ec2Configuration={"scanMode": "EC2_GUESS"})[0] == INVALID
    ami = {"scanModeConfiguration": {"scanMode": "SCAN_ALL"}}
    assert refusal(update, amiConfiguration=ami)[0] == "SandboxNotImplemented"
    assert refusal(administrator.get_configuration, accountId=delegated.log)[0] == DENIED
    assert message(delegated.inspector(delegated.log).get_configuration) == "Invoking account is not enabled."


def test_without_scans_all_settings_are_gone(company: Company) -> None:
    inspector = company.inspector(company.log)
    company.enable(company.log, by=company.log)
    inspector.update_configuration(ecrConfiguration={"rescanDuration": "DAYS_90"})
    inspector.disable()
    company.wait()
    company.enable(company.log, by=company.log)
    rescan = inspector.get_configuration()["ecrConfiguration"]["rescanDurationState"]
    assert rescan["rescanDuration"] == "DAYS_14"


def test_deep_inspection_comes_with_scans_of_instances_and_takes_paths(delegated: Company) -> None:
    administrator, member = delegated.inspector(delegated.audit), delegated.inspector(delegated.log)
    assert member.get_ec2_deep_inspection_configuration()["status"] == "DEACTIVATED"
    assert refusal(member.update_ec2_deep_inspection_configuration, packagePaths=["/opt"])[0] == DENIED
    delegated.associate(delegated.log)
    delegated.enable(delegated.log)
    org, own = ["/opt/shared", "/srv/libraries"], ["/opt/own"]

    administrator.update_org_ec2_deep_inspection_configuration(orgPackagePaths=org)
    member.update_ec2_deep_inspection_configuration(packagePaths=own)

    found = member.get_ec2_deep_inspection_configuration()
    assert (found["packagePaths"], found["orgPackagePaths"], found["status"]) == (own, org, "ACTIVATED")
    update = administrator.update_org_ec2_deep_inspection_configuration
    assert refusal(update, orgPackagePaths=["no/path"])[0] == INVALID
    assert refusal(update, orgPackagePaths=[f"/opt/{number}" for number in range(6)])[0] == INVALID
    assert refusal(member.update_org_ec2_deep_inspection_configuration, orgPackagePaths=org)[0] == DENIED
    administrator.update_ec2_deep_inspection_configuration(activateDeepInspection=False)
    assert administrator.get_ec2_deep_inspection_configuration()["status"] == "PENDING"
    delegated.wait()
    assert administrator.get_ec2_deep_inspection_configuration()["status"] == "DEACTIVATED"
    assert administrator.get_ec2_deep_inspection_configuration()["orgPackagePaths"] == org


def test_the_administrator_switches_deep_inspection_of_members(delegated: Company) -> None:
    delegated.associate(delegated.log, MANAGEMENT_ACCOUNT_ID)
    delegated.enable(delegated.log)
    administrator = delegated.inspector(delegated.audit)
    read = administrator.batch_get_member_ec2_deep_inspection_status
    everyone = [delegated.log, MANAGEMENT_ACCOUNT_ID, "999999999999"]

    wanted = [{"accountId": account, "activateDeepInspection": False} for account in everyone]
    answer = administrator.batch_update_member_ec2_deep_inspection_status(accountIds=wanted)

    assert answer["accountIds"] == [{"accountId": delegated.log, "status": "PENDING"}]
    failed = {one["accountId"]: one.get("ec2ScanStatus") for one in answer["failedAccountIds"]}
    assert failed == {MANAGEMENT_ACCOUNT_ID: "DISABLED", "999999999999": None}
    delegated.wait()
    assert read(accountIds=[delegated.log])["accountIds"] == [{"accountId": delegated.log, "status": "DEACTIVATED"}]
    assert [one["accountId"] for one in read(accountIds=everyone)["failedAccountIds"]] == everyone[1:]
    assert [one["accountId"] for one in read()["accountIds"]] == [delegated.log]
    assert refusal(read, accountIds=[f"{number:012}" for number in range(101)])[0] == INVALID
    assert refusal(delegated.inspector(delegated.log).batch_get_member_ec2_deep_inspection_status)[0] == DENIED


def test_what_a_scanner_reads_besides_is_empty(delegated: Company) -> None:
    for account in (None, delegated.audit, delegated.log):
        inspector = delegated.inspector(account)
        assert inspector.list_findings()["findings"] == []
        assert inspector.list_filters()["filters"] == []
        assert inspector.list_coverage()["coveredResources"] == []
        assert inspector.list_coverage_statistics()["totalCounts"] == 0
        assert inspector.list_finding_aggregations(aggregationType="ACCOUNT")["responses"] == []
        assert inspector.list_usage_totals()["totals"] == []
        assert inspector.list_cis_scan_configurations()["scanConfigurations"] == []
