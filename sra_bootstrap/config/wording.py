"""What is wrong with a value, in words that say what would be right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from sra_bootstrap.config.model import nearest
from sra_bootstrap.document import dotted

_SHAPES = {
    "string_type": "text",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "bool_type": "true or false",
    "set_type": "a list",
    "frozen_set_type": "a list",
}
_PATTERNS = {
    "key": "it must be lower-case letters, digits and hyphens, and begin with a letter or digit",
    "ou": "it must have 1 to 128 characters, and no slash, which separates the names in a path",
    "name": "it must have 1 to 50 characters, all ASCII and none of them < or >",
    "management_account_id": "it must be twelve digits",
    "cross_account_role": "it must be the name of a role, not its ARN: 1 to 64 letters, digits and _+=,.@-",
    "email": "it must be an email address, such as security@example.com",
    "phone": "it must be a plus and up to 15 digits with the code of the country, as in '+4930123456', in quotes",
    "notes": "it must be letters, digits, spaces and .-,:/()+@",
    "tags": "it must be letters, digits, spaces and _.:/=+-@, up to 128 in a key and 256 in a value; aws: is reserved",
}


def message(error: ErrorDetails, model: type[BaseModel]) -> str:
    """One problem that pydantic found: where it is in the file, what is wrong, and what would be right."""
    path = [part for part in error["loc"] if part != "[key]"]
    return f"{dotted(tuple(path))}: {_what(error, path, model)}"


def _what(error: ErrorDetails, path: Sequence[Any], model: type[BaseModel]) -> str:
    given, name = error["input"], str(path[-1])
    kind = error["type"]
    if kind in _SHAPES:
        is_number = isinstance(given, int | float) and not isinstance(given, bool)
        in_quotes = "; put it in quotes" if kind == "string_type" and is_number else f", not {_kind(given)}"
        return f"it must be {_SHAPES[kind]}{in_quotes}"
    if kind == "missing":
        field = _model_at(model, path[:-1]).model_fields.get(name)
        return f"it is missing. {field.description if field and field.description else ''}".strip()
    if kind == "extra_forbidden":
        return f'unknown key "{name}"; {nearest(name, _model_at(model, path[:-1]).model_fields)}'
    if kind == "string_pattern_mismatch":
        return f"{given!r} will not do: {_PATTERNS.get(_what_kind(error), 'it must match ' + error['ctx']['pattern'])}"
    if kind in {"too_short", "too_long"}:
        bound = error["ctx"].get("min_length", error["ctx"].get("max_length"))
        return f"it must have at {'least' if kind == 'too_short' else 'most'} {bound} entries"
    return error["msg"].replace("Input should", "it must")


def _what_kind(error: ErrorDetails) -> str:
    """What a text is that does not match its pattern: `_PATTERNS` says what would."""
    loc = error["loc"]
    if loc[0] == "organizational_units":
        return "ou"
    if loc[0] == "accounts" and loc[2] == "tags":
        return "tags"
    return "key" if loc[0] == "accounts" and loc[-1] == "[key]" and len(loc) == 3 else str(loc[-1])


def _kind(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return repr(value)


def _model_at(model: type[BaseModel], path: Sequence[Any]) -> type[BaseModel]:
    """The model that a path leads to, through fields and through the values of mappings."""
    for part in path:
        field = model.model_fields.get(str(part))
        if field is not None:
            annotation: Any = field.annotation
            candidates = (annotation, *get_args(annotation))
            model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), model)
    return model
