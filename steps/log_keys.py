"""The KMS keys that logs are encrypted with, each for one purpose."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Action, Address, Change, Note, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs, Ref, nested
from steps.common import keys, statements
from steps.common.keys import Key
from steps.common.statements import Statement, allow

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_TAG = "sra-bootstrap:log-key"
"""The tag whose value says what a key is for, by which one is found that has no alias yet."""
_POLICY_NAME = "default"
"""The only name that a key policy can have.

https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
"""


class LogKeys(Step[StepConfig]):
    """Make a KMS key for every kind of log, which only the services that write it can use.

    The SRA keeps the keys of logs in another account than the logs: whoever reads them needs both. Which keys there are
    follows from the steps that are enabled. Each rotates, and its policy names the services, and for whom they act.
    """

    class Config(StepConfig):
        """What keys are called, and how often they rotate."""

        prefix: str = Field(
            default="sra-",
            pattern=r"^[A-Za-z0-9_-]{0,200}$",
            description="What their aliases begin with, before what each is for.",
        )
        names: dict[str, str] = Field(
            default_factory=dict,
            description="The alias, without `alias/`, of a key that is there already, by what it is for.",
        )
        rotation_days: int = Field(default=365, ge=90, le=2560, description="How often they rotate, in days.")
        statements_of_others: Literal["report", "keep"] = Field(
            default="report",
            description="What others have added to a key's policy: it stays, and the plan says so (report) or not.",
        )

    id = "log_keys"
    after = ("accounts",)
    follows = ("regions",)
    named = {"names": Key}
    kept = {"key": "What is encrypted with it could not be read any more."}
    reads = frozenset({"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases"})
    writes = frozenset(
        {
            "kms:CreateAlias",
            "kms:CreateKey",
            "kms:EnableKey",
            "kms:EnableKeyRotation",
            "kms:ListKeys",
            "kms:ListResourceTags",
            "kms:PutKeyPolicy",
        }
    )
    implied = frozenset({"kms:TagResource"})
    # An account that has just been made is not a valid principal at once.
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
    not_yet = {
        "kms:CreateKey": frozenset({"MalformedPolicyDocumentException"}),
        "kms:PutKeyPolicy": frozenset({"MalformedPolicyDocumentException"}),
    }
    considerations = (
        "Who administers the account of a key administers the key: its policy leaves that to IAM, as AWS advises.",
        "Keys are found by their aliases; one whose alias leads to a key that cannot be used is reported.",
        "Statements of a key's policy that are not ours stay in it.",
        "Server access logs of S3 cannot be encrypted with a key of one's own, so there is none for them.",
    )
    costs = (
        "Each key by the month, and as much again for each of its first two rotations; requests beyond the free tier."
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/log-archive.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """Each key that a step of the pipeline needs, in every place where it needs one."""
        for key in keys.needed(org):
            for at in key.places(org):
                attrs: Attrs = {
                    "state": "Enabled",
                    "rotation_days": self.config.rotation_days,
                    "policy": statements.planned(_statements(key, at, org)),
                }
                yield Resource(Address("key", at, key.name), attrs)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The keys at one place that our aliases lead to."""
        kms: KMSClient = aws.client("kms", at)
        ids = keys.aliases(at, aws)
        for key in keys.needed(org):
            alias = keys.alias_of(key, org)
            if at in key.places(org) and alias in ids:
                yield from self._observe_key(key, ids[alias], at, org, kms)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make a key, or set what of it differs."""
        at, wanted = change.address.at, change.after
        kms: KMSClient = aws.client("kms", at)
        key = next(key for key in keys.needed(org) if key.name == change.address.name)
        alias = keys.alias_of(key, org)
        ours = _statements(key, at, org)
        said = nested(wanted, "policy")
        ids = keys.aliases(at, aws)
        key_id = ids.get(alias)
        if key_id is None:
            key_id = _without_alias(key, ids.values(), kms)
            if key_id is None:
                key_id, said = _create(key, ours, kms), {}
            kms.create_alias(AliasName=alias, TargetKeyId=key_id)
        if change.action is Action.UPDATE and "state" in wanted:
            kms.enable_key(KeyId=key_id)
        if "rotation_days" in wanted:
            kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=self.config.rotation_days)
        if said:
            document = statements.merged(_policy(key_id, kms), {sid: ours[sid] for sid in said})
            kms.put_key_policy(KeyId=key_id, PolicyName=_POLICY_NAME, Policy=_text(document))

    def _observe_key(self, key: Key, key_id: str, at: Target, org: Org, kms: KMSClient) -> Iterator[Observation]:
        address, alias = Address("key", at, key.name), keys.alias_of(key, org)
        found = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        if problem := _problem(found, alias, at.region):
            yield Obstacle(address, *problem)
            yield Resource(address, {"state": found["KeyState"]})
            return
        document, ours = _policy(key_id, kms), _statements(key, at, org).keys()
        rotation = kms.get_key_rotation_status(KeyId=key_id)
        yield Resource(
            address,
            {
                "state": found["KeyState"],
                "rotation_days": rotation.get("RotationPeriodInDays") if rotation["KeyRotationEnabled"] else None,
                "policy": statements.said(document, ours),
            },
        )
        others = list(statements.of_others(document, ours))
        if others and self.config.statements_of_others == "report":
            yield Note(f"The policy of the key {alias} in {at} also has statements of others: {', '.join(others)}.")


def _statements(key: Key, at: Target, org: Org) -> Mapping[str, Statement]:
    """What the policy of a key says at a place.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    account_id = org.id_of(at.account)
    root = account_id if isinstance(account_id, Ref) else f"arn:{org.partition}:iam::{account_id}:root"
    return {"SraAdministration": allow({"AWS": [root]}, ["kms:*"], ["*"]), **key.statements(org, at.region)}


def _problem(found: Any, alias: str, region: str) -> tuple[str, str] | None:
    """Why a key cannot be used, and what to do about it; None if it can."""
    key_id = found["KeyId"]
    elsewhere = (
        f"Give another key that alias (aws kms update-alias --region {region} --alias-name {alias} --target-key-id …), "
        "or name another alias in steps.log_keys.names."
    )
    if found["KeyState"] in {"PendingDeletion", "PendingReplicaDeletion"}:
        when = f"{found['DeletionDate']:%Y-%m-%d}" if "DeletionDate" in found else "soon"
        return (
            f"The key {key_id} of {alias} is to be deleted {when}; what is encrypted with it is lost then.",
            f"Keep it: aws kms cancel-key-deletion --region {region} --key-id {key_id}. If it may go: {elsewhere}",
        )
    if (found["KeyManager"], found["KeySpec"], found["Origin"]) != ("CUSTOMER", "SYMMETRIC_DEFAULT", "AWS_KMS"):
        kind = f"{found['KeyManager']}, {found['KeySpec']}, {found['Origin']}"
        return f"The key {key_id} of {alias} cannot encrypt logs and rotate by itself: it is {kind}.", elsewhere
    return None


def _policy(key_id: str, kms: KMSClient) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(kms.get_key_policy(KeyId=key_id, PolicyName=_POLICY_NAME)["Policy"])
    return document


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))


def _without_alias(key: Key, with_alias: Collection[str], kms: KMSClient) -> str | None:
    """The key that a run has made which was ended before it could give it an alias."""
    ids = (one["KeyId"] for page in kms.get_paginator("list_keys").paginate() for one in page["Keys"])
    return next((one for one in ids if one not in with_alias and _is_meant_for(key, one, kms)), None)


def _is_meant_for(key: Key, key_id: str, kms: KMSClient) -> bool:
    tags = kms.list_resource_tags(KeyId=key_id)["Tags"]
    meant = {"TagKey": _TAG, "TagValue": key.name} in tags
    return meant and kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled"


def _create(key: Key, ours: Mapping[str, Statement], kms: KMSClient) -> str:
    made = kms.create_key(
        Description=f"Encrypts logs: {key.name}. Managed by sra-bootstrap.",
        Policy=_text(statements.merged(None, ours)),
        Tags=[{"TagKey": _TAG, "TagValue": key.name}],
    )
    return made["KeyMetadata"]["KeyId"]
