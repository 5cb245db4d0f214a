"""House rules that import contracts cannot see, checked on the syntax tree.

A rule takes a parsed file and yields (line, complaint). `RULES` names the places where one does not
hold, each with its reason.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 350

Complaint = tuple[int, str]
Rule = Callable[[ast.Module, str], Iterator[Complaint]]


def transactions_stay_in_workflows(tree: ast.Module, _: str) -> Iterator[Complaint]:
    in_with = {
        id(item.context_expr)
        for node in ast.walk(tree)
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
    }
    for call in _calls(tree):
        if not isinstance(call.func, ast.Attribute):
            continue
        name = call.func.attr
        plain = not call.args and not call.keywords  # a file's write() takes an argument
        opens = name in {"begin", "begin_nested", "commit", "rollback"}
        opens |= name == "write" and plain
        opens |= name == "read" and plain and id(call) in in_with
        if opens:
            yield call.lineno, f".{name}() belongs to service/workflows"


def environment_is_read_in_config(tree: ast.Module, _: str) -> Iterator[Complaint]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name = _dotted(node)
            if name in {"os.environ", "os.environb", "os.getenv", "os.putenv"}:
                yield node.lineno, f"{name}: settings come from service.config"
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            for alias in node.names:
                if alias.name in {"environ", "environb", "getenv", "putenv"}:
                    yield node.lineno, f"os.{alias.name}: settings come from service.config"


def now_is_an_argument(tree: ast.Module, _: str) -> Iterator[Complaint]:
    clocks = {
        *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
        *("time.time", "time.time_ns", "time.localtime", "time.gmtime"),
        *("func.now", "func.current_timestamp", "func.current_date"),  # the database's own clock
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name = ".".join(_dotted(node).split(".")[-2:])
            if name in clocks:
                yield node.lineno, f"{name}: take `now` as an argument"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            for alias in node.names:
                if f"time.{alias.name}" in clocks:
                    yield node.lineno, f"time.{alias.name}: take `now` as an argument"


def nothing_is_printed(tree: ast.Module, _: str) -> Iterator[Complaint]:
    for call in _calls(tree):
        if isinstance(call.func, ast.Name) and call.func.id == "print":
            yield call.lineno, "print belongs to service/cli; elsewhere, log"


def every_module_says_what_it_is(tree: ast.Module, _: str) -> Iterator[Complaint]:
    if not ast.get_docstring(tree):
        yield 1, "the module has no docstring"


def files_can_be_read_in_one_sitting(_: ast.Module, source: str) -> Iterator[Complaint]:
    lines = source.count("\n")
    if lines > LONGEST_FILE:
        yield lines, f"{lines} lines; split it before {LONGEST_FILE}"


# Rule -> where it does not hold: a folder (ending in /) or a file, and why.
RULES: dict[Rule, dict[str, str]] = {
    transactions_stay_in_workflows: {
        "service/workflows/": "the room that opens transactions",
        "service/store/engine.py": "defines write() and read()",
    },
    environment_is_read_in_config: {
        "service/config.py": "the one reader of the environment",
    },
    now_is_an_argument: {
        "service/bootstrap.py": "makes the clock",
        "service/store/types.py": "message ids sort by the machine's clock; nobody reads it back",
    },
    nothing_is_printed: {"service/cli/": "talks to the person at the keyboard"},
    every_module_says_what_it_is: {},
    files_can_be_read_in_one_sitting: {},
}


def is_exempt(rule: Rule, path: str) -> bool:
    return any(path.startswith(place) if place.endswith("/") else path == place for place in RULES[rule])


def complaints(rule: Rule, path: str, source: str) -> list[str]:
    if is_exempt(rule, path):
        return []
    found = rule(ast.parse(source, path), source)
    return [f"{path}:{line}: {complaint}" for line, complaint in found]


def source_files() -> dict[str, str]:
    """Every Python file of the product, by its path from the root."""
    files = [file for room in ("service", "jobs") for file in (ROOT / room).rglob("*.py")]
    return {file.relative_to(ROOT).as_posix(): file.read_text("utf-8") for file in sorted(files)}


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _dotted(node: ast.expr) -> str:
    """`datetime.datetime.now` for that expression; "" for what is not a plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := _dotted(node.value)):
        return f"{base}.{node.attr}"
    return ""
