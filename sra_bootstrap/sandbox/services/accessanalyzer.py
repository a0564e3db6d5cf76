"""IAM Access Analyzer: the analyzers of an account in a region; moto lacks the service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.core.exceptions import ServiceException
from moto.iam.models import iam_backends

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, add_service, operation
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services import accessanalyzer_configuration as configurations
from sra_bootstrap.sandbox.services import accessanalyzer_organization as organizations
from sra_bootstrap.sandbox.services.accessanalyzer_faults import absent, denied, invalid, taken, too_many
from sra_bootstrap.sandbox.services.accessanalyzer_filters import ArchiveRule, checked
from sra_bootstrap.sandbox.settings import Rules

add_service("accessanalyzer", "access-analyzer")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,254}")
_EXTERNAL = ("ACCOUNT", "ORGANIZATION")
_PAGE = 100
"""How many a page of a list has at most: a guess, as no page of AWS says it."""


@dataclass
class Analyzer:
    """One analyzer. `manager` is the service principal of the AWS service that has made it for itself, if one has."""

    name: str
    type: str
    arn: str
    configuration: dict[str, Any] | None = None
    tags: dict[str, str] = field(default_factory=dict)
    archive_rules: dict[str, ArchiveRule] = field(default_factory=dict)
    token: str | None = None
    manager: str | None = None
    failed: bool = False
    created: datetime = field(default_factory=moment)


@dataclass
class Analyzers:
    """The analyzers of one account in one region, by name."""

    by_name: dict[str, Analyzer] = field(default_factory=dict)


def analyzers_of(account_id: str, region: str) -> dict[str, Analyzer]:
    """The analyzers of an account in a region, by name."""
    return store.state(Analyzers, account_id, region).by_name


def owned(call: Call, name: str) -> Analyzer:
    """An analyzer of the caller's.

    Raises:
        AwsFault: it has none of this name.
    """
    analyzer = analyzers_of(call.account_id, call.region).get(name)
    if analyzer is None:
        raise absent("analyzer", name)
    return analyzer


def changeable(call: Call, name: str) -> Analyzer:
    """An analyzer of the caller's that no AWS service manages.

    "The lifecycle of these analyzers is managed by the calling service":
    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateServiceLinkedAnalyzer.html; the code is
    guessed.

    Raises:
        AwsFault: it has none of this name, or one that is not its to change.
    """
    analyzer = owned(call, name)
    if analyzer.manager is not None:
        raise denied(f"The analyzer {name} is managed by {analyzer.manager}.")
    return analyzer


def by_arn(call: Call, arn: str) -> Analyzer:
    """An analyzer of the caller's, by its ARN.

    Raises:
        AwsFault: it has none of this ARN.
    """
    found = [one for one in analyzers_of(call.account_id, call.region).values() if one.arn == arn]
    if not found:
        raise absent("analyzer", arn)
    return found[0]


def status_of(analyzer: Analyzer, account_id: str) -> tuple[str, str | None]:
    """The status of an analyzer, and the reason of one that is DISABLED or FAILED.

    What disables it: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-settings.html and
    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_StatusReason.html. That it is ACTIVE again when
    the reason has gone is guessed from the former: its findings can be accessed again then.
    """
    if analyzer.type.startswith("ORGANIZATION"):
        reason = organizations.disabling(account_id)
        if reason is not None:
            return "DISABLED", reason
    if analyzer.failed:
        return "FAILED", "SERVICE_LINKED_ROLE_CREATION_FAILED"
    if moment() < analyzer.created + timedelta(seconds=Rules.settings.enabling_seconds):
        return "CREATING", None
    return "ACTIVE", None


def _summary(analyzer: Analyzer, account_id: str) -> dict[str, Any]:
    status, reason = status_of(analyzer, account_id)
    summary: dict[str, Any] = {
        "arn": analyzer.arn,
        "name": analyzer.name,
        "type": analyzer.type,
        "createdAt": analyzer.created,
        "tags": analyzer.tags,
        "status": status,
    }
    if reason is not None:
        summary["statusReason"] = {"code": reason}
    if analyzer.manager is not None:
        summary["managedBy"] = analyzer.manager
    return summary


def _refuse_too_many(call: Call, kind: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html.

    Raises:
        AwsFault: there are as many of this type as there may be.
    """
    if kind == "ORGANIZATION_INTERNAL_ACCESS":
        owners: Iterable[str] = membership.active_accounts(call.account_id)
    else:
        owners = [call.account_id]
    quota = 5 if kind in {"ORGANIZATION", "ORGANIZATION_UNUSED_ACCESS"} else 1
    present = [one for owner in owners for one in analyzers_of(owner, call.region).values() if one.type == kind]
    if len(present) >= quota:
        raise too_many("analyzer", kind, quota)


def _make_service_linked_roles(call: Call, analyzer: Analyzer) -> None:
    """Make AWSServiceRoleForAccessAnalyzer where it is not: in the account, or in every account of the organization.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-using-service-linked-roles.html. Without it, the
    analyzer has failed: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_StatusReason.html.
    """
    organization = analyzer.type.startswith("ORGANIZATION")
    accounts = membership.active_accounts(call.account_id) if organization else [call.account_id]
    analyzer.failed = "iam:CreateServiceLinkedRole" in Rules.settings.denied
    trust = {"Effect": "Allow", "Principal": {"Service": organizations.PRINCIPAL}, "Action": "sts:AssumeRole"}
    for account_id in () if analyzer.failed else accounts:
        iam = iam_backends[account_id][call.partition]
        try:
            iam.create_role(
                "AWSServiceRoleForAccessAnalyzer",
                json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
                path=f"/aws-service-role/{organizations.PRINCIPAL}/",
                permissions_boundary=None,
                description="",
                tags=[],
                max_session_duration="3600",
                linked_service=organizations.PRINCIPAL,
            )
        except ServiceException:
            # It is there already.
            continue


@operation("accessanalyzer", "CreateAnalyzer")
def create_analyzer(
    call: Call,
    *,
    analyzerName: str,
    type: str,  # noqa: A002 (AWS's name)
    archiveRules: list[dict[str, Any]] | None = None,
    tags: dict[str, str] | None = None,
    clientToken: str | None = None,
    configuration: dict[str, Any] | None = None,
) -> dict[str, str]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html.

    In which order AWS checks all this is guessed.

    Raises:
        AwsFault: a parameter is wrong, the caller may not analyze its organization, the name is taken, or there are
            enough of this type.
    """
    if not _NAME.fullmatch(analyzerName):
        raise invalid(f"The analyzer name {analyzerName} is invalid.", "analyzerName")
    configuration = configurations.checked(type, configuration, call.account_id)
    if type.startswith("ORGANIZATION"):
        organizations.refuse_others(call.account_id)
    present = analyzers_of(call.account_id, call.region)
    if analyzerName in present:
        if clientToken is not None and present[analyzerName].token == clientToken:
            return {"arn": present[analyzerName].arn}
        raise taken("analyzer", analyzerName)
    _refuse_too_many(call, type)
    rules = {rule["ruleName"]: ArchiveRule(checked(rule["filter"])) for rule in archiveRules or []}
    arn = f"arn:{call.partition}:access-analyzer:{call.region}:{call.account_id}:analyzer/{analyzerName}"
    present[analyzerName] = Analyzer(analyzerName, type, arn, configuration, tags or {}, rules, clientToken)
    _make_service_linked_roles(call, present[analyzerName])
    return {"arn": arn}


@operation("accessanalyzer", "CreateServiceLinkedAnalyzer")
def create_service_linked_analyzer(call: Call, **_: Any) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateServiceLinkedAnalyzer.html.

    Raises:
        AwsFault: always, as only services of AWS may call it.
    """
    raise denied("Only AWS services can create service-linked analyzers.")


@operation("accessanalyzer", "GetAnalyzer")
def get_analyzer(call: Call, analyzerName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetAnalyzer.html."""
    analyzer = owned(call, analyzerName)
    summary = _summary(analyzer, call.account_id)
    if analyzer.configuration is not None:
        summary["configuration"] = analyzer.configuration
    return {"analyzer": summary}


@operation("accessanalyzer", "ListAnalyzers")
def list_analyzers(
    call: Call,
    type: str | None = None,  # noqa: A002 (AWS's name)
    maxResults: int = _PAGE,
    nextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAnalyzers.html.

    It omits the configuration: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_AnalyzerSummary.html.
    That an account is told of its own analyzers only, whatever it administers, is guessed from their ARNs.
    """
    present = analyzers_of(call.account_id, call.region).values()
    found = [_summary(one, call.account_id) for one in present if type in {None, one.type}]
    analyzers, token = page(found, maxResults, nextToken, invalid("The token is invalid.", "nextToken"))
    return {"analyzers": analyzers} | ({} if token is None else {"nextToken": token})


@operation("accessanalyzer", "UpdateAnalyzer")
def update_analyzer(call: Call, analyzerName: str, configuration: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UpdateAnalyzer.html.

    "This action is not supported for external access analyzers"; its code is guessed. Whether it takes another
    `unusedAccessAge`, AWS does not say: see the setting.

    Raises:
        AwsFault: there is no such analyzer, or it cannot have this configuration.
    """
    analyzer = changeable(call, analyzerName)
    if analyzer.type in _EXTERNAL:
        raise invalid("External access analyzers cannot be updated.", "analyzerName", "notSupported")
    wanted = configurations.checked(analyzer.type, configuration, call.account_id)
    if Rules.settings.accessanalyzer_age_is_final and configurations.age(wanted) != configurations.age(
        analyzer.configuration
    ):
        raise invalid("The unused access age of an analyzer cannot be changed.", "unusedAccessAge")
    analyzer.configuration = wanted
    return {"configuration": wanted}


@operation("accessanalyzer", "DeleteAnalyzer")
def delete_analyzer(call: Call, analyzerName: str, clientToken: str | None = None) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_DeleteAnalyzer.html.

    Raises:
        AwsFault: there is no such analyzer, or it is not the caller's to change.
    """
    changeable(call, analyzerName)
    del analyzers_of(call.account_id, call.region)[analyzerName]
