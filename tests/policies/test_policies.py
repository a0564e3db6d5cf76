"""Every policy of a key or a bucket for logs: it lints clean, admits what it must, and denies what it must.

An independent simulator says so, and the sandbox, which the services of the sandbox deliver through, says the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.iam.document import parse
from sra_bootstrap.iam.request import Caller, condition_keys
from sra_bootstrap.iam.request import Request as Asked
from sra_bootstrap.iam.verdict import Verdict
from sra_bootstrap.iam.verdict import judge as sandbox_judges
from sra_bootstrap.org import Org
from sra_bootstrap.registry import discover
from sra_bootstrap.step import Step
from steps.common import buckets, keys
from steps.common.buckets import Bucket
from steps.organization_policies.variables import known
from tests.policies.cases import Cases, Delivery, administered, admitted, cases, denied, wrongly_encrypted
from tests.policies.controls import of_type
from tests.policies.oracle import Judgement, Policy, Request, judge
from tests.steps.logs_by_hand import HOME, Audit
from tests.steps.organization_policies_by_hand import RCP
from tests.world import World, pipeline


@dataclass(frozen=True)
class Case:
    """A request, what it is in words, and whether it is to be admitted."""

    told: str
    request: Request
    expected: bool


@dataclass(frozen=True)
class Judged:
    """All policies, all requests to them, and what the independent simulator says of these.

    `restricted` is what it says where every resource control policy that ships restricts the resources.
    """

    policies: list[Policy]
    cases: list[Case]
    judgement: Judgement
    restricted: list[bool]


@pytest.fixture(scope="module")
def judged() -> Iterator[Judged]:
    """The organization with all that needs a key or a bucket for logs."""
    with sandbox.in_process() as running:
        needing = (step for step in discover().values() if step.needs or step.needed is not Step.needed)
        names = chain.from_iterable((step.id, *step.follows) for step in needing)
        world = World(running, [*pipeline(*names), Audit(Audit.Config())])
        makers = {step.id for step in pipeline("log_buckets")}
        world.stand([step for step in world.steps if step.id in makers])
        org = world.arrive()
        policies: list[Policy] = []
        asked: list[Case] = []
        for policy, must, bucket in chain(_of_keys(world, org), _of_buckets(world, org)):
            policies.append(policy)
            asked += _asked(policy, must, bucket, org)
        requests, restricting = [case.request for case in asked], of_type(RCP, known(org))
        restricted = [replace(request, controls=tuple(restricting)) for request in requests]
        judgement = judge([*policies, *restricting], [*requests, *restricted])
        admitted = list(judgement.admitted)
        yield Judged(policies, asked, replace(judgement, admitted=admitted[: len(asked)]), admitted[len(asked) :])


def _of_keys(world: World, org: Org) -> Iterator[tuple[Policy, list[Delivery], None]]:
    said = cases("KEYS")
    for key in keys.needed(org):
        for at in key.places(org):
            kms, alias = world.client("kms", at.account, at.region), keys.alias_of(key, org)
            found = kms.describe_key(KeyId=alias)["KeyMetadata"]
            document = json.loads(kms.get_key_policy(KeyId=alias, PolicyName="default")["Policy"])
            name = f"key {key.name} in {at}"
            policy = Policy(name, "kms", found["Arn"], found["AWSAccountId"], document)
            yield policy, _deliveries(said, key.name, org, at.region), None


def _of_buckets(world: World, org: Org) -> Iterator[tuple[Policy, list[Delivery], Bucket]]:
    said, s3 = cases("BUCKETS"), world.client("s3", "log-archive", HOME)
    for bucket in buckets.needed(org):
        document = json.loads(s3.get_bucket_policy(Bucket=str(buckets.name_of(bucket, org)))["Policy"])
        arn, owner = str(buckets.arn_of(bucket, org)), str(org.id_of("log-archive"))
        policy = Policy(f"bucket {bucket.name}", "s3", arn, owner, document)
        yield policy, _deliveries(said, bucket.name, org, HOME), bucket


def _deliveries(said: Mapping[str, Cases], purpose: str, org: Org, region: str) -> list[Delivery]:
    if purpose not in said:
        raise LookupError(f"Nothing beside this says what is to be admitted for {purpose}: add a module of cases.")
    return list(said[purpose](org, region))


def _asked(policy: Policy, must: list[Delivery], bucket: Bucket | None, org: Org) -> Iterator[Case]:
    may, may_not = administered(policy, org)
    yield Case(f"{policy.name}: its own account", may, expected=True)
    yield Case(f"{policy.name}: not as its own account may", may_not, expected=False)
    for delivery in must:
        told = f"{policy.name}: {delivery.caller} {delivery.action} {delivery.key}"
        yield Case(told, admitted(delivery, policy, org), expected=True)
        wrong = list(denied(delivery, policy, org))
        if bucket is not None and bucket.key is not None and delivery.action == "s3:PutObject":
            wrong += wrongly_encrypted(delivery, policy, org)
        yield from (Case(f"{told} {how}", request, expected=False) for how, request in wrong)


def test_every_policy_lints_clean(judged: Judged) -> None:
    assert {name: found for name, found in judged.judgement.findings.items() if found} == {}


def test_every_policy_admits_what_it_must_and_denies_what_it_must(judged: Judged) -> None:
    answers = zip(judged.cases, judged.judgement.admitted, strict=True)
    assert [case.told for case, answer in answers if answer is not case.expected] == []
    assert all(
        any(case.expected and case.request.policy == policy for case in judged.cases) for policy in judged.policies
    )


def test_the_resource_control_policies_that_ship_let_in_all_that_must_come_in(judged: Judged) -> None:
    """Each service that delivers, and each role that reads what has been delivered."""
    answers = [one for one in zip(judged.cases, judged.restricted, strict=True) if one[0].expected]
    assert [
        case.told for case, answer in answers if not answer and "aws:PrincipalIsAWSService" in case.request.context
    ] == []


def test_the_sandbox_judges_as_others_do(judged: Judged) -> None:
    answers = zip(judged.cases, judged.judgement.admitted, strict=True)
    assert [case.told for case, answer in answers if _sandbox_admits(case.request) is not answer] == []


def _sandbox_admits(request: Request) -> bool:
    statements, context = parse(json.dumps(request.policy.document)), dict(request.context)
    caller, of_owner = Caller(request.caller), False
    if request.caller.startswith("arn:"):
        account_id = request.caller.split(":")[4]
        root = request.caller.replace(request.caller.rpartition(":")[2], "root")
        caller, of_owner = Caller("", account_id, root, (request.caller,)), account_id == request.policy.account_id
    known: Any = {name: value if isinstance(value, str) else tuple(value) for name, value in context.items()}
    verdict = sandbox_judges(statements, Asked(caller, request.action, request.resource, condition_keys(known)))
    # What an account's IAM policies allow, as they do here, needs nothing of a bucket in it, but of a key it does.
    if of_owner and request.policy.service == "s3":
        return verdict is not Verdict.DENIED
    return verdict is Verdict.ADMITTED


def test_a_policy_that_is_wrong_is_found_to_be_so() -> None:
    arn = "arn:aws:s3:::a-bucket"
    statement = {
        "Sid": "Wrong",
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:PutObjects", "s3:PutObject"],
        "Resource": f"{arn}/*",
        "Condition": {"StringEquals": {"s3:x-amz-acll": "x"}},
    }
    broken = {"Sid": "Wrong", "Effect": "allow", "Principal": "*", "Action": "s3:*", "Resource": arn}
    document = {"Version": "2012-10-17", "Statement": [statement, broken]}

    found = judge([Policy("wrong", "s3", arn, "1" * 12, document)], []).findings["wrong"]

    for problem in ("no action s3:PutObjects", "the key s3:x-amz-acll", "Statement[1].Effect", "Sid"):
        assert any(problem in one for one in found), found
