"""Buckets that logs are kept in, in the log archive account: what a step needs of one, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sra_bootstrap.org import Need, Org
from sra_bootstrap.values import filled
from steps.common.keys import Key
from steps.common.statements import Statement, Text


@dataclass(frozen=True)
class Bucket(Need):
    """A bucket that the step `log_buckets` makes in the home region.

    Attributes:
        statements: what its policy says, by the ids of statements, given the bucket's ARN; beside what is said of all.
        key: what its objects are encrypted with; keys of Amazon S3 if it is None.
        object_lock: whether objects can be locked by default, which not all services can deliver to.
    """

    statements: Callable[[Org, Text], Mapping[str, Statement]]
    key: Key | None = None
    object_lock: bool = False


def needed(org: Org) -> list[Bucket]:
    """The buckets that the steps of the pipeline need."""
    return [need for need in org.needs if isinstance(need, Bucket)]


def name_of(bucket: Bucket, org: Org) -> Text:
    """The name of a bucket; a reference to an id that is part of it, as long as that is not known."""
    config = org.sections["log_buckets"]
    own = config.buckets.get(bucket.name)
    template: str = own.name if own and own.name else config.name
    spelled = template.replace("{purpose}", bucket.name).replace("{region}", org.home_region)
    ids = {"{account}": org.id_of(org.log_archive), "{organization}": org.id}
    parts = re.findall("|".join(map(re.escape, ids)), spelled)
    return filled(re.sub(r"\{.*?\}", "{}", spelled), *(ids[part] for part in parts))


def arn_of(bucket: Bucket, org: Org) -> Text:
    """The ARN of a bucket, or what it is known by while its name is not known."""
    return filled("arn:{}:s3:::{}", org.partition, name_of(bucket, org))
