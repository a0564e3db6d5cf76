"""A log that no service writes, for which there are keys and buckets as for those of services."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.sandbox import Sandbox
from sra_bootstrap.step import AnyStep, Step, StepConfig
from sra_bootstrap.values import filled
from steps.common import buckets
from steps.common.buckets import Bucket
from steps.common.keys import Key
from steps.common.statements import Statement, Text, allow
from tests.world import World, pipeline

HOME = "eu-west-1"
WRITER = {"Service": ["cloudtrail.amazonaws.com"]}


def _on_key(org: Org, region: str) -> Mapping[str, Statement]:
    return {"Audit": allow(WRITER, ["kms:GenerateDataKey*"], ["*"], {"StringEquals": {"aws:SourceOrgID": [org.id]}})}


def _on_bucket(org: Org, arn: Text) -> Mapping[str, Statement]:
    inside = filled("{}/AWSLogs/{}/*", arn, org.id)
    return {"Audit": allow(WRITER, ["s3:PutObject"], [inside], {"StringEquals": {"aws:SourceOrgID": [org.id]}})}


KEY = Key("audit", "security_tooling", _on_key)
REGIONAL = Key("regional", "log_archive", _on_key, everywhere=True)
BUCKET = Bucket("audit", _on_bucket, key=KEY, object_lock=True)
PLAIN = Bucket("plain", _on_bucket)


class Audit(Step[StepConfig]):
    """Need two keys and two buckets, and nothing else."""

    class Config(StepConfig):
        """Nothing to say."""

    id = "audit"
    after = ("log_buckets",)
    needs = (KEY, REGIONAL, BUCKET, PLAIN)

    def desired(self, org: Org) -> Iterable[Resource]:
        return ()

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        return ()

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        raise NotImplementedError


def audited(sandbox: Sandbox, **configs: dict[str, Any]) -> World:
    """A bare account, and a pipeline with such a log."""
    steps: list[AnyStep] = [*pipeline("log_buckets", **configs), Audit(Audit.Config())]
    return World(sandbox, steps)


def alter(world: World, statement: Mapping[str, Any], sid: str, document: Mapping[str, Any]) -> str:
    """A policy with the elements of one of its statements replaced, as JSON."""
    changed = [{**one, **statement} if one["Sid"] == sid else one for one in document["Statement"]]
    return json.dumps({**document, "Statement": changed})


def kms(world: World, region: str = HOME, account: str = "security-tooling") -> Any:
    return world.client("kms", account, region)


def s3(world: World) -> Any:
    return world.client("s3", "log-archive", HOME)


def name_of(world: World, bucket: Bucket) -> str:
    return str(buckets.name_of(bucket, world.arrive()))
