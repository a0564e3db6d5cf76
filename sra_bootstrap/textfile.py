"""Files that config.yaml names, such as templates and policies: read with it, so that steps stay pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

FOLDER = "folder"
"""What the context of a validation calls the folder that paths are relative to."""


@dataclass(frozen=True)
class Text:
    """What a file says: its path, as config.yaml names it, and its text.

    Both are part of the digest of config.yaml, so a plan does not outlive a change of either.
    """

    path: str
    text: str


def _read(value: object, info: ValidationInfo) -> Text:
    if isinstance(value, Text):
        return value
    if not isinstance(value, str) or not value:
        raise PydanticCustomError("file", "it must be the path of a file, relative to the folder of this one")
    folder = Path((info.context or {}).get(FOLDER, "."))
    try:
        return Text(value, (folder / value).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        text = 'the file "{path}" cannot be read: {reason}; paths are relative to the folder of this file'
        raise PydanticCustomError("file", text, {"path": value, "reason": reason}) from error


TextFile = Annotated[
    Text,
    PlainValidator(_read),
    PlainSerializer(asdict),
    WithJsonSchema({"type": "string", "description": "The path of a file."}),
]
"""The path of a file in config.yaml, relative to its folder; to a step, what the file says."""
