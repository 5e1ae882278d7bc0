"""Finds the operations of a path. The framework's own router knows raw routes without variable parts only."""

from collections.abc import Sequence

from kupong.web.api.operations import Operation

ByMethod = dict[str, Operation]


class Routes:
    """The paths of all operations, by their segments. A fixed segment is preferred to a variable one."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._fixed: dict[tuple[str, ...], ByMethod] = {}
        self._variable: dict[int, list[tuple[tuple[str, ...], ByMethod]]] = {}
        by_path: dict[str, ByMethod] = {}
        for operation in operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        for path, methods in by_path.items():
            segments = _segments(path)
            if "{" in path:
                self._variable.setdefault(len(segments), []).append((segments, methods))
            else:
                self._fixed[segments] = methods

    def find(self, path: str) -> tuple[ByMethod, dict[str, str]] | None:
        """The operations of the path by method, and what its variable parts are; None: no such path."""
        segments = _segments(path)
        if segments in self._fixed:
            return self._fixed[segments], {}
        for pattern, methods in self._variable.get(len(segments), ()):
            values = _values(pattern, segments)
            if values is not None:
                return methods, values
        return None


def _segments(path: str) -> tuple[str, ...]:
    # Mounted applications are given a path that ends in a slash.
    return tuple(path.removeprefix("/").removesuffix("/").split("/"))


def _values(pattern: tuple[str, ...], segments: tuple[str, ...]) -> dict[str, str] | None:
    values: dict[str, str] = {}
    for expected, segment in zip(pattern, segments, strict=True):
        if expected.startswith("{"):
            if not segment:
                return None
            values[expected[1:-1]] = segment
        elif expected != segment:
            return None
    return values
