from __future__ import annotations

from sra_bootstrap.model import Change
from tests.steps.account_baseline_by_hand import ALL_BY_CALLS, OTHER, ec2, make_key, weaken
from tests.steps.by_hand import configure, put_back
from tests.world import World, pipeline


def test_every_setting_that_is_changed_by_hand_is_planned_and_put_back(world: World) -> None:
    world = World(world.sandbox, pipeline("account_baseline"))
    world.stand()
    configure(world, account_baseline={**ALL_BY_CALLS, "remove_default_vpcs": False})
    make_key(world, "network")
    world.build()
    network = str(world.arrive().id_of("network"))
    s3control, iam = world.client("s3control", "network"), world.client("iam", "network")

    weaken(world, "network")
    s3control.put_public_access_block(
        AccountId=network,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    iam.update_account_password_policy(MinimumPasswordLength=8)
    plan = world.plan()

    def change(kind: str) -> Change:
        [found] = [change for change in plan.changes if change.address.kind == kind]
        return found

    assert [str(one.address.at) for one in plan.changes] == ["network", "network", f"network/{OTHER}"]
    assert change("public-access-block").after == {"ignored_acls": True}
    assert change("password-policy").before == {
        "minimum_length": 8,
        **dict.fromkeys(("lowercase", "uppercase", "numbers", "symbols", "users_may_change"), False),
        **dict.fromkeys(("max_age_days", "remembered")),
    }
    assert change("ec2-defaults").before == {
        "ebs_encryption": False,
        "ebs_key": "alias/aws/ebs",
        "snapshots": "unblocked",
        "images": "unblocked",
        "metadata_tokens": "optional",
        "metadata_hop_limit": 3,
        "serial_console": "enabled",
        "vpc": "off",
    }
    put_back(world)

    ec2(world, "network").modify_instance_metadata_defaults(HttpTokens="optional")
    assert [one.after for one in world.plan().changes] == [{"metadata_tokens": "required"}]
