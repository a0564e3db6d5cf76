"""Amazon Macie: where an account stores the results of sensitive data discovery."""

from __future__ import annotations

from typing import Any

from moto.s3.models import s3_backends

from sra_bootstrap.sandbox import delivery
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.account import is_opt_in
from sra_bootstrap.sandbox.services.macie import enabled, invalid


@operation("macie2", "GetClassificationExportConfiguration")
def get_classification_export_configuration(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/classification-export-configuration.html.

    Without one the answer is empty, as https://github.com/hashicorp/terraform-provider-aws takes it.
    """
    _, session = enabled(call)
    return {} if session.export is None else {"configuration": session.export}


@operation("macie2", "PutClassificationExportConfiguration")
def put_classification_export_configuration(call: Call, configuration: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/classification-export-configuration.html.

    "Macie tests the settings to verify that they're correct"; which, and where the bucket and the key may be:
    https://docs.aws.amazon.com/macie/latest/user/discovery-results-repository-s3.html. Codes and texts are guessed.
    There is no operation that takes the configuration away again.

    Raises:
        AwsFault: there is no such bucket or key, or it is not where or whose it should be, or does not let Macie in.
    """
    _, session = enabled(call)
    destination = configuration.get("s3Destination")
    if destination is not None:
        _check(call, destination)
        session.export = {"s3Destination": destination}
    return {"configuration": session.export or {}}


def _check(call: Call, destination: dict[str, str]) -> None:
    bucket, key_arn = destination["bucketName"], destination["kmsKeyArn"]
    partition, owner_id = s3_backends.bucket_accounts.get(bucket, ("", ""))
    # Its owner need only be named where it is another account.
    if not owner_id or destination.get("expectedBucketOwner", call.account_id) != owner_id:
        raise _failed("the S3 bucket doesn't exist, or isn't owned by the expected account")
    region = s3_backends[owner_id][partition].get_bucket(bucket).region_name
    if f":kms:{region}:" not in key_arn:
        raise _failed("the KMS key isn't in the same AWS Region as the S3 bucket")
    if is_opt_in(region) and region != call.region:
        raise _failed("the S3 bucket is in another Region that is an opt-in Region")
    sender = _sender(call)
    try:
        delivery.may(sender, "s3:GetBucketLocation", bucket)
        delivery.use(sender, key_arn, "kms:Encrypt")
        # Its name: https://github.com/aws-samples/aws-secure-environment-accelerator, among the log files it lists.
        test = f"{destination.get('keyPrefix', '')}macie-test-object"
        delivery.put(sender, bucket, test, b"", kms_key=key_arn)
    except delivery.RefusedError:
        raise _failed("Macie isn't allowed to add objects to the S3 bucket, or to use the KMS key") from None


def _failed(reason: str) -> AwsFault:
    return invalid(f"The request failed because {reason}")


def _sender(call: Call) -> delivery.Sender:
    """What Macie goes by, which has a name of its own in each opt-in region.

    The end of the ARN is guessed: policies have a wildcard there.
    """
    regional = f"macie.{call.region}.amazonaws.com"
    return delivery.Sender(
        regional if is_opt_in(call.region) else "macie.amazonaws.com",
        call.account_id,
        f"arn:{call.partition}:macie2:{call.region}:{call.account_id}:export-configuration:{call.account_id}",
    )
