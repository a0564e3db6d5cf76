"""Writes the repository's config.yaml and config.schema.json: `python -m sra_bootstrap.config.generate`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from sra_bootstrap.config.example import example
from sra_bootstrap.config.model import schema
from sra_bootstrap.registry import discover


def generated() -> Mapping[str, str]:
    """The text of each generated file by its name in the root of the repository."""
    return {
        "config.yaml": example("eu-west-1", "aws+{key}@example.com"),
        "config.schema.json": json.dumps(schema(discover()), indent=2) + "\n",
    }


if __name__ == "__main__":
    for name, text in generated().items():
        Path(name).write_text(text, encoding="utf-8")
