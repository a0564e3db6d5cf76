"""config.yaml: what it may say, what is wrong with it, an example of it, and its JSON Schema."""

from sra_bootstrap.config.example import example
from sra_bootstrap.config.load import Settings, load
from sra_bootstrap.config.model import schema

__all__ = ["Settings", "example", "load", "schema"]
