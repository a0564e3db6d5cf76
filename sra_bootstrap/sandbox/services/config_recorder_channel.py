"""AWS Config: the delivery channel of an account in a region."""

from __future__ import annotations

import re
from typing import Any

from moto.s3.models import s3_backends
from moto.sns.models import sns_backends

from sra_bootstrap.sandbox import delivery
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services import iam_service_linked_roles as roles
from sra_bootstrap.sandbox.services.config_recorder import PRINCIPAL, Channel, Recorder, recording_of
from sra_bootstrap.sandbox.services.config_recorder_groups import invalid

_KMS_ARN = re.compile(r"arn:[^:]+:kms:(?P<region>[^:]+):\d{12}:(key|alias)/.+")
_FREQUENCIES = ("One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours")


@operation("config", "PutDeliveryChannel")
def put_delivery_channel(call: Call, DeliveryChannel: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutDeliveryChannel.html.

    A second channel: https://github.com/trussworks/terraform-aws-config/issues/121. A topic that is not named is kept,
    as https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-config-deliverychannel.html says;
    that everything else is as it is put is guessed.

    Raises:
        AwsFault: there is no recorder, or a channel of another name; a setting is not valid; or Config may not deliver.
    """
    here, name = recording_of(call.account_id, call.region), DeliveryChannel.get("name", "default")
    if here.recorder is None:
        text = "Configuration recorder is not available to put delivery channel."
        raise AwsFault("NoAvailableConfigurationRecorderException", text)
    if name == "":
        text = f"The delivery channel name '{name}' is not valid, blank string."
        raise AwsFault("InvalidDeliveryChannelNameException", text)
    if here.channel is not None and here.channel.name != name:
        text = f"Failed to put delivery channel '{name}' because the maximum number of delivery channels: 1 is reached."
        raise AwsFault("MaxNumberOfDeliveryChannelsExceededException", text)
    before = {} if here.channel is None else here.channel.settings
    kept = {"snsTopicARN": before["snsTopicARN"]} if "snsTopicARN" in before else {}
    settings = {**kept, **DeliveryChannel, "name": name}
    _check(settings)
    _try_to_deliver(call, here.recorder, settings)
    here.channel = here.channel or Channel(settings)
    here.channel.settings, here.channel.since = settings, moment()


def _check(settings: dict[str, Any]) -> None:
    """Refuse what no delivery channel can be, whatever is allowed.

    That the key "must belong to the same Region as the destination S3 bucket" is of
    https://docs.aws.amazon.com/config/latest/APIReference/API_DeliveryChannel.html; the code for it is guessed.

    Raises:
        AwsFault: the bucket, the prefix, the key, the topic or the frequency is not valid.
    """
    if settings.get("s3BucketName") not in s3_backends.bucket_accounts:
        raise AwsFault("NoSuchBucketException", f"Cannot find a S3 bucket with name {settings.get('s3BucketName')}.")
    if settings.get("s3KeyPrefix") == "":
        raise AwsFault("InvalidS3KeyPrefixException", "The s3 key prefix '' is not valid, empty s3 key prefix.")
    key = settings.get("s3KmsKeyArn")
    if key is not None:
        match = _KMS_ARN.fullmatch(key)
        if match is None or match["region"] != _bucket(settings["s3BucketName"]).region_name:
            raise AwsFault("InvalidS3KmsKeyArnException", f"The arn '{key}' is not a valid kms key or alias arn.")
    topic = settings.get("snsTopicARN")
    if topic is not None:
        parts = topic.split(":")
        if len(parts) < 6 or topic not in sns_backends[parts[4]][parts[3]].topics:
            raise AwsFault("InvalidSNSTopicARNException", f"The sns topic arn '{topic}' is not valid.")
    frequency = settings.get("configSnapshotDeliveryProperties", {}).get("deliveryFrequency", _FREQUENCIES[0])
    if frequency not in _FREQUENCIES:
        raise invalid(
            f"1 validation error detected: Value '{frequency}' at "
            "'deliveryChannel.configSnapshotDeliveryProperties.deliveryFrequency' failed to satisfy constraint: "
            f"Member must satisfy enum value set: {list(_FREQUENCIES)}"
        )


def _bucket(name: str) -> Any:
    partition, owner = s3_backends.bucket_accounts[name]
    return s3_backends[owner][partition].buckets[name]


def _assume_role(call: Call, recorder: Recorder) -> None:
    if not roles.assumable(call.account_id, call.partition, recorder.role_arn):
        raise delivery.RefusedError("sts:AssumeRole", recorder.role_arn)


def _refuse_default_retention(bucket: str) -> None:
    if _bucket(bucket).has_default_lock:
        raise delivery.RefusedError("s3:PutObject", bucket)


def sender(call: Call, recorder: Recorder) -> delivery.Sender:
    """As whom Config delivers.

    It is the service principal where the recorder has the service-linked role, and where another role has failed:
    https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html. So a role is not tried here. The
    source is matched by arn:aws:config:sourceRegion:sourceAccountID:*, as that page has it; which it is, is guessed.
    """
    return delivery.Sender(PRINCIPAL, call.account_id, recorder.arn)


def folder(call: Call, settings: dict[str, Any]) -> str:
    """Where in the bucket what is of an account goes, as the Resource in the page of the bucket's policy says."""
    prefix = f"{settings['s3KeyPrefix']}/" if "s3KeyPrefix" in settings else ""
    return f"{prefix}AWSLogs/{call.account_id}/Config"


def deliver(call: Call, recorder: Recorder, settings: dict[str, Any], key: str, body: bytes) -> None:
    """Put an object into the bucket of a delivery channel.

    Raises:
        delivery.RefusedError: a policy does not allow it.
    """
    path = f"{folder(call, settings)}/{key}"
    kms_key = settings.get("s3KmsKeyArn")
    delivery.put(sender(call, recorder), settings["s3BucketName"], path, body, kms_key=kms_key)


def _try_to_deliver(call: Call, recorder: Recorder, settings: dict[str, Any]) -> None:
    """See that Config can deliver, by the file that it leaves in the bucket for that.

    It does not support a bucket "where object lock is enabled with default retention enabled":
    https://docs.aws.amazon.com/config/latest/developerguide/manage-delivery-channel.html; its answer is guessed.

    The file: https://github.com/nozaq/terraform-aws-secure-baseline/pull/139. The texts:
    https://github.com/aws/aws-cli/issues/3516, https://github.com/hashicorp/terraform-provider-aws/issues/8655 and
    https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/127. That it fails right after the role was made:
    https://github.com/awslabs/aws-securityhub-multiaccount-scripts/issues/53.

    Raises:
        AwsFault: it cannot.
    """
    bucket = settings["s3BucketName"]
    why = f"unable to assume role: {recorder.role_arn}."
    try:
        _assume_role(call, recorder)
        why = "unable to get s3 bucket acl."
        delivery.may(sender(call, recorder), "s3:GetBucketAcl", bucket)
        prefix, key = settings.get("s3KeyPrefix", "null"), settings.get("s3KmsKeyArn", "null")
        why = f"unable to write to bucket, provided s3 key prefix is '{prefix}', provided kms key is '{key}'."
        _refuse_default_retention(bucket)
        deliver(call, recorder, settings, "ConfigWritabilityCheckFile", b"")
    except delivery.RefusedError as refusal:
        text = f"Insufficient delivery policy to s3 bucket: {bucket}, {why}"
        raise AwsFault("InsufficientDeliveryPolicyException", text) from refusal


def channels(call: Call, names: list[str] | None) -> list[Channel]:
    """The delivery channels of some names; without names, all.

    Raises:
        AwsFault: there is none of a name.
    """
    channel = recording_of(call.account_id, call.region).channel
    there = {} if channel is None else {channel.name: channel}
    for name in names or there:
        if name not in there:
            raise no_channel(name)
    return list(there.values())


def no_channel(name: str) -> AwsFault:
    """How Config answers for a delivery channel that is not there."""
    return AwsFault("NoSuchDeliveryChannelException", f"Cannot find delivery channel with specified name '{name}'.")


@operation("config", "DescribeDeliveryChannels")
def describe_delivery_channels(call: Call, DeliveryChannelNames: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeDeliveryChannels.html."""
    return {"DeliveryChannels": [channel.settings for channel in channels(call, DeliveryChannelNames)]}


@operation("config", "DeleteDeliveryChannel")
def delete_delivery_channel(call: Call, DeliveryChannelName: str) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteDeliveryChannel.html.

    Raises:
        AwsFault: there is no such channel, or a recorder records.
    """
    channels(call, [DeliveryChannelName])
    here = recording_of(call.account_id, call.region)
    if here.recorder is not None and here.recorder.recording:
        text = (
            f"Failed to delete last specified delivery channel with name '{DeliveryChannelName}', because there, "
            "because there is a running configuration recorder."
        )
        raise AwsFault("LastDeliveryChannelDeleteFailedException", text)
    here.channel = None
