"""A specification as text: canonical JSON for its digest, YAML for people and other hospitals."""

from typing import Any

import yaml

from exports.specification.errors import Problem, SpecificationError
from exports.specification.parts import EDITION, Specification
from exports.specification.reading import read_specification
from projects.canonical import canonical

LONGEST = 1_000_000
"""Characters: enough for the longest list of series."""
DEEPEST = 10
HEAD = "# What is in a package of rDMA; what is not said here is as usual.\n"


def canonical_text(specification: Specification) -> str:
    """Return it in the one form that its digest is made of: JSON with sorted names."""
    return canonical(specification.as_data())


def to_yaml(specification: Specification) -> str:
    """Return it as YAML, without what is as usual anyway. `from_yaml` reads it back."""
    data = specification.as_data()
    usual = Specification(format=specification.format).as_data()
    said = {"edition": EDITION, "format": data["format"]}
    said |= {name: value for name, value in data.items() if value != usual[name]}
    if "selection" in said:
        said["selection"] = _filled(data["selection"])
    for name in ("transformations", "attachments"):
        if name in said:
            said[name] = [_filled(one) for one in data[name]]
    text = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, default_flow_style=False)
    return HEAD + text


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    """Return what says something, in the parts of parts as well."""
    return {
        name: [_filled(one) if isinstance(one, dict) else one for one in value]
        if isinstance(value, list)
        else value
        for name, value in data.items()
        if value not in ("", None, [])
    }


def from_yaml(text: str) -> Specification:
    """Read a specification from YAML. Raises SpecificationError.

    Only plain data: no objects, no anchors that would make a short text long, no name twice.
    """
    if len(text) > LONGEST:
        raise _refusal(f"A specification has at most {LONGEST:,} characters.")
    try:
        _refuse_references(text)
        data = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a safe loader, and less
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" Look at line {mark.line + 1}." if mark is not None else ""
        raise _refusal(f"This is no YAML that can be read.{where}") from error
    except (ValueError, RecursionError) as error:
        raise _refusal("This YAML holds a number or a date that cannot be read.") from error
    return read_specification(data)


def _refuse_references(text: str) -> None:
    """Refuse anchors, tags of one's own, more than one document, and what is nested too deep."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refusal("Anchors and references (& and *) are not used here; write it out.")
        if getattr(event, "tag", None):
            raise _refusal("Types (!) are not used here; write plain names and values.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _refusal(f"This is nested more than {DEEPEST} deep.")


class _PlainLoader(yaml.CSafeLoader):
    """Safe YAML that refuses a name written twice, of which one would be lost silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping, every name of it once."""
        names = [self.construct_object(name, deep=True) for name, _ in node.value]
        if any(isinstance(name, list | dict) for name in names) or len(set(names)) < len(names):
            raise _refusal(
                f"A name stands twice in one group, or is no name; look at line "
                f"{node.start_mark.line + 1}."
            )
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return found


def _refusal(sentence: str) -> SpecificationError:
    return SpecificationError([Problem("", sentence)])
