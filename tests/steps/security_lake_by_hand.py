"""Security Lake through the API of the sandbox: what tests of its step read, and what they change behind its back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sra_bootstrap.model import MANAGEMENT
from steps.security_lake import access
from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
LAKE, TOOLING = "log-archive", "security-tooling"
HTTPS = {
    "httpsNotificationConfiguration": {
        "endpoint": "https://siem.example.com",
        "targetRoleArn": "arn:aws:iam::123456789012:role/events",
    }
}


@dataclass
class SecurityLake:
    """Security Lake in one region, as the account sees it that has the lake."""

    world: World
    region: str = HOME

    @property
    def api(self) -> Any:
        return self.world.client("securitylake", LAKE, self.region)

    def do(self, operation: str, **parameters: Any) -> Any:
        """Something by hand, once Security Lake takes it, and wait until that is done."""
        self.settle()
        answer = getattr(self.api, operation)(**parameters)
        self.settle()
        return answer

    def settle(self) -> None:
        self.world.sandbox.clock.wait(self.world.sandbox.settings.enabling_seconds)

    def lake(self) -> dict[str, Any]:
        [lake] = self.api.list_data_lakes(regions=[self.region])["dataLakes"]
        return dict(lake)

    def sources(self) -> dict[str, list[str]]:
        """What is collected in the region, by the names of config.yaml."""
        org = self.world.arrive()
        found = self.api.list_log_sources(regions=[self.region])["sources"]
        told = [(org.name_of(one["account"]), one["sources"]) for one in found]
        return {name: [" ".join(source["awsLogSource"].values()) for source in sources] for name, sources in told}

    def new_accounts(self) -> dict[str, str]:
        """The version of each source that accounts get which join."""
        answer = self.api.get_data_lake_organization_configuration()["autoEnableNewAccount"]
        return {
            s["sourceName"]: s["sourceVersion"]
            for one in answer
            if one["region"] == self.region
            for s in one["sources"]
        }

    def subscribers(self) -> dict[str, dict[str, Any]]:
        return {one["subscriberName"]: one for one in self.api.list_subscribers()["subscribers"]}

    def keys(self) -> dict[str, str | None]:
        """What each queue is encrypted with, by its name."""
        sqs = self.world.client("sqs", LAKE, self.region)
        urls = sqs.list_queues(QueueNamePrefix="AmazonSecurityLake").get("QueueUrls", [])
        found = {url.rpartition("/")[2]: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]) for url in urls}
        return {name: answer["Attributes"].get("KmsMasterKeyId") for name, answer in found.items()}

    def decrypt(self, name: str) -> None:
        """Encrypt a queue with no key of one's own any more."""
        sqs = self.world.client("sqs", LAKE, self.region)
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": ""})

    def join(self, source: str, version: str) -> None:
        """Collect a source in a version of accounts that join, and in no other one."""
        if source in self.new_accounts():
            before = {"sourceName": source, "sourceVersion": self.new_accounts()[source]}
            gone = [{"region": self.region, "sources": [before]}]
            self.do("delete_data_lake_organization_configuration", autoEnableNewAccount=gone)
        if version:
            wanted = [{"region": self.region, "sources": [{"sourceName": source, "sourceVersion": version}]}]
            self.do("create_data_lake_organization_configuration", autoEnableNewAccount=wanted)


def key_of(world: World, region: str) -> str:
    """The ARN of the key of the lake in a region."""
    aliases = world.client("kms", LAKE, region).list_aliases()["Aliases"]
    [key_id] = [one["TargetKeyId"] for one in aliases if one["AliasName"] == "alias/sra-security-lake"]
    return f"arn:aws:kms:{region}:{world.arrive().id_of(LAKE)}:key/{key_id}"


def role(world: World, name: str = access.METASTORE) -> str:
    """Make a role by hand, and give its ARN."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    made = world.client("iam", LAKE).create_role(RoleName=name, AssumeRolePolicyDocument=document)
    arn: str = made["Role"]["Arn"]
    return arn


def delegate(world: World, key: str) -> str:
    """Delegate Security Lake by hand, once the accounts are there."""
    account_id = str(world.arrive().id_of(key))
    world.client("securitylake", MANAGEMENT).register_data_lake_delegated_administrator(accountId=account_id)
    world.sandbox.clock.wait(world.sandbox.settings.delegation_seconds)
    return account_id


def drift(world: World) -> None:
    """Change every setting, in one region where it is regional."""
    there, org = SecurityLake(world, OTHER), world.arrive()
    iam = world.client("iam", LAKE)
    trusting = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trusting]})
    iam.update_assume_role_policy(RoleName=access.METASTORE, PolicyDocument=document)
    managed = "arn:aws:iam::aws:policy/service-role/AmazonSecurityLakeMetastoreManager"
    iam.detach_role_policy(RoleName=access.METASTORE, PolicyArn=managed)
    iam.delete_role_policy(RoleName=access.METASTORE, PolicyName="sra-security-lake")
    lifecycle = {
        "expiration": {"days": 30},
        "transitions": [{"storageClass": "GLACIER_IR", "days": 20}, {"storageClass": "STANDARD_IA", "days": 10}],
    }
    encryption = {"kmsKeyId": "S3_MANAGED_KEY"}
    changed = {"region": OTHER, "encryptionConfiguration": encryption, "lifecycleConfiguration": lifecycle}
    there.do("update_data_lake", configurations=[changed])
    network = {"accounts": [org.id_of("network")], "regions": [OTHER], "sourceName": "WAF"}
    there.do("delete_aws_log_source", sources=[network])
    there.join("VPC_FLOW", "")
    there.join("ROUTE53", "1.0")
    data, query = (there.subscribers()[f"sra-{name}"]["subscriberId"] for name in ("data-access", "query-access"))
    theirs = {"principal": str(org.id_of("network")), "externalId": "theirs"}
    waf = [{"awsLogSource": {"sourceName": "WAF", "sourceVersion": "2.0"}}]
    there.do("update_subscriber", subscriberId=data, subscriberIdentity=theirs, sources=waf)
    there.do("update_subscriber_notification", subscriberId=data, configuration=HTTPS)
    there.do("delete_subscriber", subscriberId=query)
    there.decrypt(f"AmazonSecurityLakeManager-{OTHER}-Dlq")


LIFE = Life(drift=drift, configs=[{"rollup_region": HOME}])
