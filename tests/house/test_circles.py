"""No module imports itself by a detour, not even for its types."""

import grimp
import pytest

ROOMS = ("deidentify", "projects", "intake", "transfers", "review", "exports", "privacy", "rdma")


def circles(imports: dict[str, set[str]]) -> list[set[str]]:
    """Return the strongly connected components with more than one member (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in imports[module]:
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            start = stack.index(module)
            members = set(stack[start:])
            del stack[start:]
            if len(members) > 1:
                found.append(members)

    for module in imports:
        if module not in index:
            visit(module)
    return found


def test_circle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [{"a", "b", "c"}]


@pytest.mark.parametrize("room", ROOMS)
def test_room_has_no_import_circle(room):
    graph = grimp.build_graph(room, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}

    assert circles(imports) == []
