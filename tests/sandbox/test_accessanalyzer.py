from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from sra_bootstrap.sandbox.services.accessanalyzer import analyzers_of
from tests.sandbox.conftest import Aws, refusal

HOME, OTHER = "eu-west-1", "eu-west-2"
PRINCIPAL = "access-analyzer.amazonaws.com"
PUBLIC = {"isPublic": {"eq": ["false"]}}
ACCOUNT_TYPES = ("ACCOUNT", "ACCOUNT_UNUSED_ACCESS", "ACCOUNT_INTERNAL_ACCESS")


def code(call: Any, **parameters: Any) -> str:
    return refusal(call, **parameters)[0]


@dataclass
class Company:
    """An organization with the accounts audit and log, of which audit administers Access Analyzer."""

    aws: Aws
    audit: str
    log: str

    def analyzer(self, account: str | None = None, region: str = HOME) -> Any:
        return self.aws.client("accessanalyzer", region, account)

    def status(self, name: str = "org") -> tuple[str, str | None]:
        found = self.analyzer(self.audit).get_analyzer(analyzerName=name)["analyzer"]
        return found["status"], found.get("statusReason", {}).get("code")

    def organizations(self, operation: str, **parameters: Any) -> None:
        getattr(self.aws.client("organizations"), operation)(ServicePrincipal=PRINCIPAL, **parameters)

    def wait(self) -> None:
        self.aws.clock.wait(self.aws.settings.delegation_seconds)


@pytest.fixture
def undelegated(aws: Aws) -> Company:
    aws.found_organization()
    return Company(aws, aws.add_account("audit"), aws.add_account("log"))


@pytest.fixture
def company(undelegated: Company) -> Company:
    undelegated.organizations("enable_aws_service_access")
    undelegated.organizations("register_delegated_administrator", AccountId=undelegated.audit)
    undelegated.wait()
    return undelegated


def test_an_analyzer_is_creating_and_then_active_in_its_region_only(aws: Aws) -> None:
    client = aws.client("accessanalyzer")
    arn = client.create_analyzer(analyzerName="mine", type="ACCOUNT", tags={"team": "security"})["arn"]

    assert arn == f"arn:aws:access-analyzer:{HOME}:{MANAGEMENT_ACCOUNT_ID}:analyzer/mine"
    [found] = client.list_analyzers()["analyzers"]
    assert (found["name"], found["type"], found["tags"]) == ("mine", "ACCOUNT", {"team": "security"})
    assert found["status"] == "CREATING"
    aws.clock.wait(aws.settings.enabling_seconds)
    assert client.get_analyzer(analyzerName="mine")["analyzer"]["status"] == "ACTIVE"
    assert "configuration" not in client.get_analyzer(analyzerName="mine")["analyzer"]
    assert aws.client("accessanalyzer", OTHER).list_analyzers()["analyzers"] == []
    client.delete_analyzer(analyzerName="mine")
    assert client.list_analyzers()["analyzers"] == []
    assert code(client.get_analyzer, analyzerName="mine") == "ResourceNotFoundException"
    assert code(client.delete_analyzer, analyzerName="mine") == "ResourceNotFoundException"


def test_an_analyzer_makes_the_service_linked_role_once(aws: Aws) -> None:
    client = aws.client("accessanalyzer")
    for name, kind in (("a", "ACCOUNT"), ("b", "ACCOUNT_UNUSED_ACCESS")):
        client.create_analyzer(analyzerName=name, type=kind)

    role = aws.client("iam").get_role(RoleName="AWSServiceRoleForAccessAnalyzer")["Role"]
    assert role["Path"] == f"/aws-service-role/{PRINCIPAL}/"


def test_names_are_unique_whatever_the_type_and_a_request_may_come_twice(aws: Aws) -> None:
    client = aws.client("accessanalyzer")
    request = {"analyzerName": "mine", "type": "ACCOUNT", "clientToken": "t"}

    assert client.create_analyzer(**request)["arn"] == client.create_analyzer(**request)["arn"]
    assert code(client.create_analyzer, analyzerName="mine", type="ACCOUNT_UNUSED_ACCESS") == "ConflictException"
    assert code(client.create_analyzer, analyzerName="1st", type="ACCOUNT") == "ValidationException"
    assert code(client.create_analyzer, analyzerName="new", type="NONE") == "ValidationException"


@pytest.mark.parametrize("kind", ACCOUNT_TYPES)
def test_an_account_has_one_analyzer_of_each_type_for_itself(aws: Aws, kind: str) -> None:
    client = aws.client("accessanalyzer")
    client.create_analyzer(analyzerName="first", type=kind)
    assert code(client.create_analyzer, analyzerName="second", type=kind) == "ServiceQuotaExceededException"
    aws.client("accessanalyzer", OTHER).create_analyzer(analyzerName="second", type=kind)


def test_a_list_is_of_one_type_or_all_and_in_pages_and_omits_the_configuration(aws: Aws) -> None:
    client = aws.client("accessanalyzer")
    for kind in ACCOUNT_TYPES:
        client.create_analyzer(analyzerName=kind, type=kind)

    pages = client.get_paginator("list_analyzers").paginate(PaginationConfig={"PageSize": 2})
    assert [[one["name"] for one in page["analyzers"]] for page in pages] == [
        ["ACCOUNT", "ACCOUNT_UNUSED_ACCESS"],
        ["ACCOUNT_INTERNAL_ACCESS"],
    ]
    [found] = client.list_analyzers(type="ACCOUNT_UNUSED_ACCESS")["analyzers"]
    assert (found["name"], "configuration" in found) == ("ACCOUNT_UNUSED_ACCESS", False)
    assert code(client.list_analyzers, nextToken="wrong") == "ValidationException"


@pytest.mark.parametrize("kind", ["ORGANIZATION", "ORGANIZATION_UNUSED_ACCESS", "ORGANIZATION_INTERNAL_ACCESS"])
def test_only_the_management_account_and_the_administrator_analyze_an_organization(company: Company, kind: str) -> None:
    for account in (MANAGEMENT_ACCOUNT_ID, company.audit):
        client = company.analyzer(account)
        client.create_analyzer(analyzerName="org", type=kind)
        assert [one["arn"].split(":")[4] for one in client.list_analyzers()["analyzers"]] == [account]
        client.delete_analyzer(analyzerName="org")
    assert code(company.analyzer(company.log).create_analyzer, analyzerName="org", type=kind) == "AccessDeniedException"
    company.analyzer(company.log).create_analyzer(analyzerName="own", type="ACCOUNT")


def test_analyzing_an_organization_needs_one_and_its_trust_and_an_administrator(aws: Aws) -> None:
    organization = {"analyzerName": "org", "type": "ORGANIZATION"}
    assert code(aws.client("accessanalyzer").create_analyzer, **organization) == "ValidationException"
    aws.found_organization()
    company = Company(aws, aws.add_account("audit"), "")
    assert code(company.analyzer().create_analyzer, **organization) == "ValidationException"
    company.organizations("enable_aws_service_access")
    company.organizations("register_delegated_administrator", AccountId=company.audit)
    administrator = company.analyzer(company.audit)
    assert code(administrator.create_analyzer, **organization) == "ValidationException"
    company.wait()
    administrator.create_analyzer(**organization)


def test_an_administrator_can_act_a_while_after_it_was_registered(undelegated: Company) -> None:
    undelegated.organizations("enable_aws_service_access")
    undelegated.wait()
    undelegated.organizations("register_delegated_administrator", AccountId=undelegated.audit)
    create = undelegated.analyzer(undelegated.audit).create_analyzer

    assert code(create, analyzerName="org", type="ORGANIZATION") == "AccessDeniedException"
    undelegated.wait()
    create(analyzerName="org", type="ORGANIZATION")


def test_an_organization_is_analyzed_with_a_role_in_every_account(company: Company) -> None:
    company.analyzer(company.audit).create_analyzer(analyzerName="org", type="ORGANIZATION")
    for account in (MANAGEMENT_ACCOUNT_ID, company.audit, company.log):
        company.aws.client("iam", account=account).get_role(RoleName="AWSServiceRoleForAccessAnalyzer")


def test_without_the_role_an_analyzer_has_failed(company: Company) -> None:
    company.aws.settings.denied = frozenset({"iam:CreateServiceLinkedRole"})
    company.analyzer(company.audit).create_analyzer(analyzerName="org", type="ORGANIZATION")
    company.wait()
    assert company.status() == ("FAILED", "SERVICE_LINKED_ROLE_CREATION_FAILED")


@pytest.mark.parametrize("kind", ["ORGANIZATION", "ORGANIZATION_UNUSED_ACCESS"])
def test_an_account_has_five_analyzers_of_its_organization(company: Company, kind: str) -> None:
    client = company.analyzer(company.audit)
    for number in range(5):
        client.create_analyzer(analyzerName=f"a{number}", type=kind)
    assert code(client.create_analyzer, analyzerName="a5", type=kind) == "ServiceQuotaExceededException"


def test_an_organization_has_one_analyzer_of_internal_access(company: Company) -> None:
    internal = {"analyzerName": "org", "type": "ORGANIZATION_INTERNAL_ACCESS"}
    company.analyzer().create_analyzer(**internal)
    assert code(company.analyzer(company.audit).create_analyzer, **internal) == "ServiceQuotaExceededException"
    company.analyzer(company.audit, OTHER).create_analyzer(**internal)


def test_an_analyzer_is_disabled_while_its_account_does_not_administer_the_service(company: Company) -> None:
    client = company.analyzer(company.audit)
    arn = client.create_analyzer(analyzerName="org", type="ORGANIZATION")["arn"]
    company.wait()
    assert company.status() == ("ACTIVE", None)

    company.organizations("deregister_delegated_administrator", AccountId=company.audit)
    assert company.status() == ("DISABLED", "DELEGATED_ADMINISTRATOR_DEREGISTERED")
    assert code(client.list_findings, analyzerArn=arn) == "AccessDeniedException"
    company.organizations("disable_aws_service_access")
    assert company.status() == ("DISABLED", "AWS_SERVICE_ACCESS_DISABLED")
    company.organizations("enable_aws_service_access")
    company.organizations("register_delegated_administrator", AccountId=company.audit)
    company.wait()
    assert company.status() == ("ACTIVE", None)


def test_an_analyzer_outlives_its_organization_disabled(aws: Aws) -> None:
    aws.found_organization()
    aws.client("organizations").enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    aws.clock.wait(aws.settings.delegation_seconds)
    client = aws.client("accessanalyzer")
    client.create_analyzer(analyzerName="org", type="ORGANIZATION")
    aws.client("organizations").delete_organization()
    [found] = client.list_analyzers()["analyzers"]
    assert (found["status"], found["statusReason"]) == ("DISABLED", {"code": "ORGANIZATION_DELETED"})


def test_unused_access_has_an_age_and_exclusions_that_can_be_updated(company: Company) -> None:
    client = company.analyzer(company.audit)
    client.create_analyzer(analyzerName="org", type="ORGANIZATION_UNUSED_ACCESS")
    assert client.get_analyzer(analyzerName="org")["analyzer"]["configuration"] == {
        "unusedAccess": {"unusedAccessAge": 90}
    }

    rule = {"exclusions": [{"accountIds": [company.log]}, {"resourceTags": [{"team": "x"}]}]}
    wanted = {"unusedAccess": {"unusedAccessAge": 30, "analysisRule": rule}}
    assert client.update_analyzer(analyzerName="org", configuration=wanted)["configuration"] == wanted
    assert client.get_analyzer(analyzerName="org")["analyzer"]["configuration"] == wanted


def test_the_age_may_be_final(company: Company) -> None:
    company.aws.settings.accessanalyzer_age_is_final = True
    client = company.analyzer(company.audit)
    client.create_analyzer(analyzerName="org", type="ORGANIZATION_UNUSED_ACCESS")

    shorter = {"unusedAccess": {"unusedAccessAge": 30}}
    assert code(client.update_analyzer, analyzerName="org", configuration=shorter) == "ValidationException"
    rule = {"exclusions": [{"accountIds": [company.log]}]}
    same = {"unusedAccess": {"unusedAccessAge": 90, "analysisRule": rule}}
    client.update_analyzer(analyzerName="org", configuration=same)


def test_internal_access_includes_resources(company: Company) -> None:
    client = company.analyzer(company.audit)
    rule = {"inclusions": [{"accountIds": [company.log], "resourceTypes": ["AWS::S3::Bucket"]}]}
    wanted = {"internalAccess": {"analysisRule": rule}}
    client.create_analyzer(analyzerName="org", type="ORGANIZATION_INTERNAL_ACCESS", configuration=wanted)

    assert client.get_analyzer(analyzerName="org")["analyzer"]["configuration"] == wanted
    wrong = {"internalAccess": {"analysisRule": {"inclusions": [{"resourceTypes": ["AWS::KMS::Key"]}]}}}
    assert code(client.update_analyzer, analyzerName="org", configuration=wrong) == "ValidationException"


@pytest.mark.parametrize(
    ("kind", "configuration"),
    [
        ("ACCOUNT", {"unusedAccess": {"unusedAccessAge": 90}}),
        ("ORGANIZATION_UNUSED_ACCESS", {"internalAccess": {}}),
        ("ACCOUNT_UNUSED_ACCESS", {"unusedAccess": {"unusedAccessAge": 0}}),
        ("ACCOUNT_UNUSED_ACCESS", {"unusedAccess": {"unusedAccessAge": 366}}),
        ("ACCOUNT_UNUSED_ACCESS", {"unusedAccess": {"analysisRule": {"exclusions": [{"accountIds": ["1" * 12]}]}}}),
        (
            "ORGANIZATION_UNUSED_ACCESS",
            {"unusedAccess": {"analysisRule": {"exclusions": [{"accountIds": [MANAGEMENT_ACCOUNT_ID]}]}}},
        ),
        (
            "ORGANIZATION_UNUSED_ACCESS",
            {"unusedAccess": {"analysisRule": {"exclusions": [{"accountIds": ["1" * 12] * 2001}]}}},
        ),
    ],
)
def test_what_an_analyzer_cannot_look_at_is_refused(company: Company, kind: str, configuration: Any) -> None:
    create = company.analyzer().create_analyzer
    assert code(create, analyzerName="wrong", type=kind, configuration=configuration) == "ValidationException"


def test_external_access_cannot_be_updated(aws: Aws) -> None:
    client = aws.client("accessanalyzer")
    client.create_analyzer(analyzerName="mine", type="ACCOUNT")
    assert code(client.update_analyzer, analyzerName="mine") == "ValidationException"
    assert code(client.update_analyzer, analyzerName="none") == "ResourceNotFoundException"


def test_archive_rules_are_created_with_an_analyzer_or_later(aws: Aws) -> None:
    client = aws.client("accessanalyzer")
    inline = [{"ruleName": "inline", "filter": PUBLIC}]
    arn = client.create_analyzer(analyzerName="mine", type="ACCOUNT", archiveRules=inline)["arn"]
    rule = {"analyzerName": "mine", "ruleName": "later"}
    client.create_archive_rule(**rule, filter={"error": {"exists": True}})

    rules = client.list_archive_rules(analyzerName="mine")["archiveRules"]
    assert {one["ruleName"]: one["filter"] for one in rules} == {"inline": PUBLIC, "later": {"error": {"exists": True}}}
    assert code(client.create_archive_rule, **rule, filter=PUBLIC) == "ConflictException"
    client.apply_archive_rule(analyzerArn=arn, ruleName="later")
    created = client.get_archive_rule(**rule)["archiveRule"]
    aws.clock.wait(1)
    client.update_archive_rule(**rule, filter=PUBLIC)
    updated = client.get_archive_rule(**rule)["archiveRule"]
    assert updated["filter"] == PUBLIC
    assert created["updatedAt"] < updated["updatedAt"]
    client.delete_archive_rule(**rule)
    for gone in (client.get_archive_rule, client.delete_archive_rule):
        assert code(gone, **rule) == "ResourceNotFoundException"
    assert code(client.apply_archive_rule, analyzerArn=arn, ruleName="later") == "ResourceNotFoundException"
    assert code(client.list_archive_rules, analyzerName="none") == "ValidationException"


def test_archive_rules_are_well_formed_and_at_most_100(aws: Aws) -> None:
    client = aws.client("accessanalyzer")
    client.create_analyzer(analyzerName="mine", type="ACCOUNT")
    create = client.create_archive_rule
    for rule_name, criteria in (("1st", PUBLIC), ("a", {}), ("a", {"x": {}}), ("a", {"x": {"eq": ["v"] * 21}})):
        assert code(create, analyzerName="mine", ruleName=rule_name, filter=criteria) == "ValidationException"
    for number in range(100):
        create(analyzerName="mine", ruleName=f"r{number}", filter=PUBLIC)
    assert code(create, analyzerName="mine", ruleName="r100", filter=PUBLIC) == "ServiceQuotaExceededException"
    pages = client.get_paginator("list_archive_rules").paginate(analyzerName="mine", PaginationConfig={"PageSize": 60})
    assert [len(page["archiveRules"]) for page in pages] == [60, 40]


def test_there_are_no_findings(company: Company) -> None:
    client = company.analyzer(company.audit)
    external = client.create_analyzer(analyzerName="external", type="ORGANIZATION")["arn"]
    unused = client.create_analyzer(analyzerName="unused", type="ORGANIZATION_UNUSED_ACCESS")["arn"]
    internal = client.create_analyzer(analyzerName="internal", type="ORGANIZATION_INTERNAL_ACCESS")["arn"]

    assert client.list_findings(analyzerArn=external)["findings"] == []
    assert code(client.list_findings, analyzerArn=unused) == "ValidationException"
    for arn, kind in ((external, "external"), (unused, "unused"), (internal, "internal")):
        assert client.list_findings_v2(analyzerArn=arn)["findings"] == []
        assert client.list_analyzed_resources(analyzerArn=arn)["analyzedResources"] == []
        [statistics] = client.get_findings_statistics(analyzerArn=arn)["findingsStatistics"]
        assert statistics[f"{kind}AccessFindingsStatistics"]["totalActiveFindings"] == 0
        assert code(client.get_finding_v2, analyzerArn=arn, id="x") == "ResourceNotFoundException"
    assert code(client.list_findings, analyzerArn=external + "x") == "ResourceNotFoundException"


def test_an_analyzer_is_tagged(aws: Aws) -> None:
    client = aws.client("accessanalyzer")
    arn = client.create_analyzer(analyzerName="mine", type="ACCOUNT", tags={"a": "1"})["arn"]
    client.tag_resource(resourceArn=arn, tags={"b": "2"})
    client.untag_resource(resourceArn=arn, tagKeys=["a", "c"])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    assert code(client.list_tags_for_resource, resourceArn=arn + "x") == "ResourceNotFoundException"


def test_what_an_aws_service_manages_is_its_own(aws: Aws) -> None:
    client = aws.client("accessanalyzer")
    create = client.create_service_linked_analyzer
    assert code(create, type="ACCOUNT_UNUSED_ACCESS") == "AccessDeniedException"
    client.create_analyzer(analyzerName="theirs", type="ACCOUNT_UNUSED_ACCESS")
    analyzers_of(MANAGEMENT_ACCOUNT_ID, HOME)["theirs"].manager = "securityhubv2.amazonaws.com"

    [found] = client.list_analyzers()["analyzers"]
    assert found["managedBy"] == "securityhubv2.amazonaws.com"
    for change in (client.update_analyzer, client.delete_analyzer):
        assert code(change, analyzerName="theirs") == "AccessDeniedException"


def test_what_is_denied_goes_by_the_prefix_of_iam(aws: Aws) -> None:
    aws.settings.denied = frozenset({"access-analyzer:ListAnalyzers"})
    assert code(aws.client("accessanalyzer").list_analyzers) == "AccessDeniedException"
