"""The file of a policy: JSON or YAML, with variables for the organization's own values."""

from __future__ import annotations

import json
from functools import lru_cache

from sra_bootstrap.document import Document, parse
from sra_bootstrap.errors import InputError, Problem
from sra_bootstrap.textfile import Text


@lru_cache(maxsize=256)
def parsed(text: Text) -> Document:
    """What a file says, and where.

    Raises:
        InputError: it is neither JSON nor YAML, or not a mapping.
    """
    source = text.text
    if text.path.endswith(".json"):
        try:
            json.loads(source)
        except ValueError as error:
            line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
            raise InputError(text.path, [Problem(line, f"this is not JSON: {error}")]) from error
        # JSON allows tabs between its values, where YAML may not, and none within them.
        source = source.replace("\t", " ")
    document = parse(source, text.path)
    if document.problems:
        raise InputError(text.path, document.problems)
    return document
