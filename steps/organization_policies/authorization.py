"""The grammar of service control and resource control policies.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sra_bootstrap.document import Place
from steps.common.policy_types import PolicyType
from steps.organization_policies import actions
from steps.organization_policies.variables import VARIABLE

Problem = tuple[Place, str]

_VERSION = "2012-10-17"
_ELEMENTS: dict[PolicyType, tuple[str, ...]] = {
    "SERVICE_CONTROL_POLICY": ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"),
    "RESOURCE_CONTROL_POLICY": ("Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition"),
}
_OPERATOR = re.compile(
    r"(ForAllValues:|ForAnyValue:)?"
    r"(String(Not)?(Equals|Like)|String(Not)?EqualsIgnoreCase|Numeric(Not)?Equals|Numeric(Less|Greater)Than(Equals)?"
    r"|Date(Not)?Equals|Date(Less|Greater)Than(Equals)?|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))"
    r"(IfExists)?|Null"
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""

_UNDER_RCPS = frozenset(
    (
        *("aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets"),
        *("cloudfront", "cloudsearch", "cloudtrail-data", "clouddirectory", "codeartifact", "codebuild"),
        *("codecommit", "codepipeline", "cognito-identity", "cognito-idp", "comprehend", "comprehendmedical"),
        *("compute-optimizer", "cost-optimization-hub", "dax", "dsql", "dynamodb", "ecr"),
        *("ecr-public", "events", "firehose", "fis", "fms", "gamelift"),
        *("health", "inspector-scan", "kendra", "kinesisvideo", "kms", "logs"),
        *("memorydb", "networkmonitor", "notifications", "opensearch", "pca-connector-ad", "personalize"),
        *("polly", "pricing", "resource-groups", "rolesanywhere", "s3", "secretsmanager"),
        *("servicediscovery", "signin", "sqs", "sts", "support", "swf"),
        *("textract", "timestream-influxdb", "transcribe", "transfer", "translate", "wafv2"),
        *("workspaces", "xray"),
    )
)
"""https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services"""


def restricts_resources_of(action: str) -> bool:
    """Whether resource control policies restrict the service of an action."""
    return action.partition(":")[0].lower() in _UNDER_RCPS


def problems(policy_type: PolicyType, data: Mapping[str, Any], newer: Collection[str]) -> Iterator[Problem]:
    """What is wrong with a policy, and where. `newer` are actions that are not to be looked up."""
    for key in data.keys() - {"Version", "Id", "Statement"}:
        yield (key,), f"a policy has no element {key}; it has Version and Statement"
    if data.get("Version") != _VERSION:
        yield ("Version",), f"Version must be {_VERSION}"
    statements = data.get("Statement")
    places: list[tuple[Place, Any]] = [(("Statement",), statements)]
    if isinstance(statements, list):
        places = [(("Statement", index), one) for index, one in enumerate(statements)]
    if not places:
        yield ("Statement",), "there must be at least one statement"
    ids: set[str] = set()
    for place, statement in places:
        if not isinstance(statement, dict):
            yield place, "a statement must be a mapping"
            continue
        yield from _statement(policy_type, statement, place, newer)
        sid = statement.get("Sid")
        if sid is not None and (not isinstance(sid, str) or not re.fullmatch(r"[A-Za-z0-9]+", sid)):
            yield (*place, "Sid"), "a Sid must be letters and digits"
        elif sid in ids:
            yield (*place, "Sid"), f"there are two statements with the Sid {sid}"
        elif sid is not None:
            ids.add(sid)


def _statement(
    policy_type: PolicyType, statement: Mapping[str, Any], place: Place, newer: Collection[str]
) -> Iterator[Problem]:
    elements, restricts_resources = _ELEMENTS[policy_type], policy_type == "RESOURCE_CONTROL_POLICY"
    for key in statement.keys() - set(elements):
        yield (*place, key), f"a statement of such a policy has no {key}; it has {', '.join(elements)}"
    effects = ("Deny",) if restricts_resources else ("Allow", "Deny")
    if statement.get("Effect") not in effects:
        yield (*place, "Effect"), f"Effect must be {' or '.join(effects)}"
    if restricts_resources and statement.get("Principal") != "*":
        yield (*place, "Principal"), 'Principal must be "*"; say by a Condition whom it is about'
    for either in (("Action", "NotAction"), ("Resource", "NotResource")):
        possible = [name for name in either if name in elements]
        if sum(name in statement for name in possible) != 1:
            yield place, f"a statement must have {' or '.join(possible)}, once"
        for name in (name for name in possible if name in statement):
            yield from _texts(statement[name], (*place, name))
    for where, action in _each(statement, ("Action", "NotAction"), place):
        if action not in newer:
            yield from ((where, what) for what in _action(action, restricts_resources=restricts_resources))
    for where, resource in _each(statement, ("Resource", "NotResource"), place):
        if resource != "*" and not resource.startswith("arn:"):
            yield where, f'{resource} is no resource: it must be an ARN, or "*"'
    if "Condition" in statement:
        yield from _condition(statement["Condition"], (*place, "Condition"))


def _each(statement: Mapping[str, Any], names: Iterable[str], place: Place) -> Iterator[tuple[Place, str]]:
    """The texts of elements, but for those that begin with a variable or are made of one."""
    for name in names:
        for where, value in _listed(statement.get(name, ()), (*place, name)):
            if isinstance(value, str) and not VARIABLE.match(value):
                yield where, value


def _action(action: str, *, restricts_resources: bool) -> Iterator[str]:
    if action == "*":
        if restricts_resources:
            yield "a resource control policy must name services, as in s3:*"
        return
    what = actions.unknown(action)
    if what is not None:
        yield what
    elif restricts_resources and not restricts_resources_of(action):
        yield f"resource control policies do not restrict the service of {action}"


def _condition(condition: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(condition, dict) or not condition:
        yield place, "Condition must be a mapping of operators, such as StringEquals"
        return
    for operator, tests in condition.items():
        if not _OPERATOR.fullmatch(operator):
            yield (*place, operator), f"there is no condition operator {operator}"
        if not isinstance(tests, dict) or not tests:
            yield (*place, operator), f"{operator} must be a mapping of condition keys, such as aws:PrincipalArn"
            continue
        for key, values in tests.items():
            if not VARIABLE.search(key) and ":" not in key:
                yield (*place, operator, key), f"{key} is no condition key: it must have a prefix, as in aws:{key}"
            yield from _texts(values, (*place, operator, key), numbers=True)


def _texts(values: Any, place: Place, *, numbers: bool = False) -> Iterator[Problem]:
    if values in ([], ""):
        yield place, "it must have a value"
    for value_place, value in _listed(values, place):
        if not isinstance(value, str | int if numbers else str):
            yield value_place, "it must be text, or a list of texts"


def _listed(values: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(values, list | tuple):
        yield from (((*place, index), value) for index, value in enumerate(values))
    else:
        yield place, values
