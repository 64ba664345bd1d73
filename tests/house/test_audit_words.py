"""Every word that the house writes into the audit is known to those who read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from projects.auditing.verbs import VERBS, Kind
from tests.house.tree import ROOT

ROOMS = ("projects", "intake", "transfers", "review", "exports", "privacy", "rdma")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
# Actions that change nothing by themselves and tell of nothing that is hidden; each says why.
SILENT = {
    "intake/uploads.py:add_to_upload": "files between began_upload and closed_upload",
    "review/actions/checks.py:add_to_check": "files between began_check and closed_check",
    "transfers/planning.py:next_plan": "each action that makes a plan says why it did",
    "exports/transforming/rights.py:refuse_what_may_not": "refuses, and does nothing else",
    "transfers/actions/pictures.py:note_frames": "kept as looks of their own, one row a frame",
}


def calls_of_record(tree: ast.AST) -> Iterator[tuple[ast.Call, list[ast.AST]]]:
    """Yield each call of AuditEvent.record with the functions around it, the innermost last."""

    def walk(node: ast.AST, around: list[ast.AST]) -> Iterator[tuple[ast.Call, list[ast.AST]]]:
        if isinstance(node, ast.FunctionDef):
            around = [*around, node]
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "record"
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "AuditEvent"
        ):
            yield node, around
        for child in ast.iter_child_nodes(node):
            yield from walk(child, around)

    yield from walk(tree, [])


def words(value: ast.AST, around: list[ast.AST], tree: ast.AST) -> set[str]:
    """Return what an expression can be: words, or a beginning followed by a star."""
    if isinstance(value, ast.Constant):
        return {str(value.value)}
    if isinstance(value, ast.IfExp):
        return words(value.body, around, tree) | words(value.orelse, around, tree)
    if isinstance(value, ast.JoinedStr):
        first = value.values[0]
        return {f"{first.value}*"} if isinstance(first, ast.Constant) else set()
    if isinstance(value, ast.Name) and around:
        return _assigned(value.id, around, tree) | _handed_in(value.id, around[-1], tree)
    return set()


def _assigned(name: str, around: list[ast.AST], tree: ast.AST) -> set[str]:
    return {
        word
        for node in ast.walk(around[-1])
        if isinstance(node, ast.Assign) and any(_is_name(one, name) for one in node.targets)
        for word in words(node.value, around, tree)
    }


def _handed_in(name: str, function: ast.FunctionDef, tree: ast.AST) -> set[str]:
    """Return what the calls of a function, in its own module, hand in for one of its names."""
    places = [argument.arg for argument in function.args.args]
    if name not in places:
        return set()
    place = places.index(name)
    return {
        word
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _is_name(node.func, function.name)
        if len(node.args) > place
        for word in words(node.args[place], [], tree)
    }


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def every_call() -> Iterator[tuple[str, set[str]]]:
    for path in FILES:
        tree = ast.parse(path.read_text())
        for call, around in calls_of_record(tree):
            place = f"{path.relative_to(ROOT)}:{call.lineno}"
            yield place, words(call.args[1], around, tree)


def _begins(verb: str, word: str) -> bool:
    return word.endswith("*") and verb.startswith(word[:-1])


CALLS = list(every_call())


def test_there_is_something_to_look_at():
    assert len(CALLS) > 90


@pytest.mark.parametrize(("place", "found"), CALLS, ids=[place for place, _ in CALLS])
def test_every_verb_that_is_written_has_a_sentence(place, found):
    assert found, f"{place}: write the verb where it can be read"
    unknown = {
        word
        for word in found
        if not any(
            verb == word or (word[-1] == "*" and verb.startswith(word[:-1])) for verb in VERBS
        )
    }
    assert not unknown, f"{place}: say in projects/auditing/verbs.py what {unknown} is"


def test_every_sentence_is_of_a_verb_that_is_written():
    written = {word for _, found in CALLS for word in found}

    idle = {
        verb
        for verb in VERBS
        if verb not in written and not any(_begins(verb, word) for word in written)
    }

    assert not idle
    assert {said.kind for said in VERBS.values()} == set(Kind)


class House:
    """Which function calls which, as far as names say: in its module, or imported from another."""

    def __init__(self) -> None:
        self.trees = {_module(path): ast.parse(path.read_text()) for path in FILES}
        self.brought = {name: dict(_imports(tree)) for name, tree in self.trees.items()}
        self.calls = {
            (module, node.name): set(self._called(module, node))
            for module, tree in self.trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
        }
        self.writing = {one for one, called in self.calls.items() if "record" in called}
        while (
            more := {one for one, called in self.calls.items() if called & self.writing}
            - self.writing
        ):
            self.writing |= more

    def _called(self, module: str, function: ast.FunctionDef) -> Iterator[tuple[str, str] | str]:
        for node in ast.walk(function):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name):
                yield self._found(module, node.func.id)
            elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                owner, name = node.func.value.id, node.func.attr
                if (owner, name) == ("AuditEvent", "record"):
                    yield "record"
                of, what = self.brought[module].get(owner, ("", ""))
                yield self._found(f"{of}.{what}", name)

    def _found(self, module: str, name: str) -> tuple[str, str]:
        """Return where a name is defined, through as many modules as hand it on."""
        while (brought := self.brought.get(module, {}).get(name)) is not None:
            module, name = brought
        return module, name


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(tree: ast.AST) -> Iterator[tuple[str, tuple[str, str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                yield one.asname or one.name, (node.module, one.name)


HOUSE = House()


def actions() -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each public function that takes who does it by the keyword `by`."""
    for path in FILES:
        for node in ast.parse(path.read_text()).body:
            if (
                isinstance(node, ast.FunctionDef)
                and not node.name.startswith("_")
                and any(one.arg == "by" for one in node.args.kwonlyargs)
            ):
                yield f"{path.relative_to(ROOT)}:{node.name}", (_module(path), node.name)


ACTIONS = list(actions())


def test_there_are_actions_to_look_at():
    assert len(ACTIONS) > 60


@pytest.mark.parametrize(("place", "function"), ACTIONS, ids=[place for place, _ in ACTIONS])
def test_every_action_writes_into_the_audit(place, function):
    assert (function in HOUSE.writing) != (place in SILENT)
