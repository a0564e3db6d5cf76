"""An organization of any size: the example of `init`, with more workload accounts and more regions."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

from sra_bootstrap.config import Settings, example, load
from sra_bootstrap.registry import discover

REGIONS = (
    *("eu-west-1", "us-east-1", "eu-central-1", "us-west-2", "ap-southeast-2", "us-east-2", "us-west-1", "eu-west-2"),
    *("eu-west-3", "eu-north-1", "ca-central-1", "sa-east-1", "ap-south-1", "ap-southeast-1", "ap-northeast-1"),
    *("ap-northeast-2", "ap-northeast-3"),
)
"""The regions that are enabled in every account; the home region first.

https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
"""

_NAMED: dict[str, dict[str, Any]] = {
    "security_incident_response": {
        "incident_response_team": [
            {"name": name, "job_title": "Team", "email": f"{name}@example.com"} for name in ("security", "platform")
        ]
    }
}
"""What config.yaml must name for a step, because there is no default for it."""


def write_config(path: Path, accounts: int, regions: int, *opted_in: str) -> None:
    """Write the config.yaml of an organization with so many member accounts and governed regions.

    Of the steps that are off by default, those in `opted_in` are on.

    Raises:
        ValueError: the example has more accounts, or there are fewer regions.
    """
    config: dict[str, Any] = YAML(typ="safe").load(example(REGIONS[0], "aws+{key}@example.com"))
    members: dict[str, Any] = config["accounts"]
    if accounts < len(members) or regions > len(REGIONS):
        raise ValueError(f"at least {len(members)} accounts and at most {len(REGIONS)} regions")
    config["organization"]["governed_regions"] = list(REGIONS[:regions])
    for number in range(len(members) + 1, accounts + 1):
        workload = {"name": f"Workload {number}", "ou": "Workloads/Prod", "tags": {"environment": "prod"}}
        members[f"workload-{number}"] = workload
    for step in opted_in:
        config["steps"][step] |= {"enabled": True} | _NAMED.get(step, {})
    # JSON is YAML.
    path.write_text(json.dumps(config), encoding="utf-8")


def settings(accounts: int, regions: int, *opted_in: str) -> Settings:
    """What the command line would read from the config.yaml of such an organization."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        write_config(path, accounts, regions, *opted_in)
        return load(path, discover())
