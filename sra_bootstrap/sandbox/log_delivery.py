"""How services store their logs that leave it to Amazon CloudWatch Logs: "vended logs"."""

from __future__ import annotations

from sra_bootstrap.sandbox.delivery import Sender
from sra_bootstrap.sandbox.extension import Call


def sender(call: Call) -> Sender:
    """What delivers logs of the caller's account and region.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html; the end of the ARN is
    guessed, as policies have a wildcard there.
    """
    arn = f"arn:{call.partition}:logs:{call.region}:{call.account_id}:delivery"
    return Sender("delivery.logs.amazonaws.com", call.account_id, arn)
