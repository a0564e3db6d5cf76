"""AWS Config: the tags of conformance packs and rules of an organization."""

from __future__ import annotations

from sra_bootstrap.sandbox.extension import Call
from sra_bootstrap.sandbox.services.config_organization import roster_of
from sra_bootstrap.sandbox.services.config_recorder_tags import TAGGED, Tags


def _of_deployment(call: Call, arn: str) -> Tags | None:
    deployments = roster_of(call.account_id, call.region).deployments
    return next((one.tags for one in deployments if (one.owner_id, one.arn) == (call.account_id, arn)), None)


TAGGED.append(_of_deployment)
