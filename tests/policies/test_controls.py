"""Every service control and resource control policy that ships: it lints clean, denies what it must, and nothing else.

The independent simulator says so. What it denies it admits without the policy, so that it is the policy that denies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sra_bootstrap.values import Value
from steps.common.policies import ROOT_NAME, written
from steps.common.policy_types import AUTHORIZATION, longest, most, of_aws
from steps.organization_policies.documents import parsed
from steps.organization_policies.settings import Section, policies_of
from steps.organization_policies.shipped import shipped
from steps.organization_policies.variables import filled, known, samples
from tests.policies.control_cases import ARCHIVE, CASES, HOME, MANAGEMENT, ORGANIZATION, TOOL, TOOLING, WORKLOAD, Asks
from tests.policies.controls import of_type
from tests.policies.oracle import Control, Judgement, Policy, Request, judge
from tests.steps.organization_policies_by_hand import STEP
from tests.world import organization, pipeline

_EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
_OPEN = Policy("open", "", "", "", {"Version": "2012-10-17", "Statement": [_EVERYBODY]})
"""The policy of a resource that is open to everybody."""
LEAVE = "organizations:LeaveOrganization"
AREAS = ("ap-northeast", "ap-southeast", "eu-central", "eu-west", "us-east")
FIFTEEN = [f"{area}-{number}" for area in AREAS for number in (1, 2, 3)]


def values() -> Mapping[str, Value]:
    """What stands for the variables: the ids that requests name."""
    ids = {"management": MANAGEMENT, "security_tooling": TOOLING, "log_archive": ARCHIVE, "network": WORKLOAD}
    accounts = {f"{kind}.{name}": account_id for name, account_id in ids.items() for kind in ("account", "role")}
    return {**known(organization([], HOME)), **accounts, "organization": ORGANIZATION}


@dataclass(frozen=True)
class Judged:
    """What is asked of each policy, and whether that is admitted with it, without it, and with all of the default."""

    asked: list[tuple[str, Asks]]
    findings: Mapping[str, Any]
    alone: list[bool]
    without: list[bool]
    together: list[bool]


def request(one: Asks, *of_organization: Control) -> Request:
    open_to_all = replace(_OPEN, account_id=one.owner)
    return Request(open_to_all, one.caller, one.action, one.resource, one.whole_context, of_organization)


@pytest.fixture(scope="module")
def judged() -> Judged:
    """All cases, judged at once."""
    by_name = {control.name: control for kind in AUTHORIZATION for control in of_type(kind, values())}
    asked = [(name, one) for name in CASES if name in by_name for one in CASES[name]()]
    at_root = [by_name[one.key] for one in policies_of(Section()) if one.key in by_name and ROOT_NAME in one.attach_to]
    alone = [request(one, by_name[name]) for name, one in asked]
    without = [request(one) for _, one in asked]
    together = [request(one, *at_root) for _, one in asked]
    judgement: Judgement = judge([_OPEN, *by_name.values()], [*alone, *without, *together])
    admitted, count = list(judgement.admitted), len(asked)
    findings = {name: judgement.findings[name] for name in by_name}
    return Judged(asked, findings, admitted[:count], admitted[count : 2 * count], admitted[2 * count :])


def test_every_policy_has_requests_that_it_denies_and_some_that_it_does_not() -> None:
    assert set(CASES) == {name for name, one in shipped().items() if one.type in AUTHORIZATION}
    assert all({one.denied for one in requests()} == {True, False} for requests in CASES.values())


def test_every_policy_lints_clean(judged: Judged) -> None:
    assert {name: found for name, found in judged.findings.items() if found} == {}


def test_every_policy_denies_what_it_must_and_nothing_else(judged: Judged) -> None:
    answers = zip(judged.asked, judged.alone, judged.without, strict=True)
    wrong = [f"{name}: {one.told}" for (name, one), alone, without in answers if not without or alone is one.denied]
    assert wrong == []


def test_what_is_attached_to_the_root_leaves_the_tool_all_but_leaving_the_organization(judged: Judged) -> None:
    answers = zip(judged.asked, judged.together, strict=True)
    assert {one.action for (_, one), admitted in answers if one.by == TOOL and not admitted} == {LEAVE}


def test_every_policy_is_within_the_sizes_of_aws_in_fifteen_regions() -> None:
    section = {"policies": {name: {"baseline": name} for name in shipped()}}
    [step] = [step for step in pipeline(STEP, **{STEP: section}) if step.id == STEP]
    org, wanted = organization([step], *FIFTEEN), list(policies_of(Section()))

    assert list(step.problems(org)) == []
    for one in shipped().values():
        assert len(written(filled(parsed(one.text).data, samples(org)))) <= longest(one.type)
    for kind in AUTHORIZATION:
        at_root = [policy for policy in wanted if policy.type == kind and ROOT_NAME in policy.attach_to]
        # There is room for some of others, such as those that ship and are not attached by default.
        assert len(at_root) + len(of_aws(kind)) + 2 <= most(kind)


def test_a_control_policy_that_is_wrong_is_found_to_be_so() -> None:
    wrong = {"Sid": "A", "Effect": "Allow", "Action": ["s3:PutObjects"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [wrong, {**wrong, "Action": "s3:*", "Principal": "*"}]}
    kinds: Any = {kind: Control(kind, kind, document) for kind in AUTHORIZATION}

    findings = judge(list(kinds.values()), []).findings

    assert all(any("no action s3:PutObjects" in one for one in findings[kind]) for kind in kinds)
    assert any("Effect" in one for one in findings["RESOURCE_CONTROL_POLICY"])
    assert any("Principal" in one for one in findings["SERVICE_CONTROL_POLICY"])
