"""What the documents promise, read so that it can be compared with what there is."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
ENV_EXAMPLE = ROOT / ".env.example"

# Read by tools, not by Handrail: allowed in the documents, no fields of Settings.
TOOL_VARIABLES = frozenset({"CHROMIUM", "CI", "PG_BIN", "PYTHON", "WEB_CONCURRENCY"})

NOT_OURS = frozenset(
    {".git", ".venv", "build", "node_modules", "var", "vendor", "__pycache__", "openapi"}
    | {".hypothesis", ".import_linter_cache", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)
LEAKS = {
    "a path of somebody's machine": re.compile(r"(?<![\w.])/(?:work|root|home|Users)/\w"),
    "a package registry": re.compile(
        r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|--(?:extra-)?index-url", re.IGNORECASE
    ),
    "an issue number": re.compile(
        r"\bissues? #?\d+\b|\b(?:bug|clos\w+|fix\w*|gh|pr|resolv\w+|see|ticket)[ -]?#\d+\b", re.IGNORECASE
    ),
}
# In documents a bare number is one too; elsewhere it is a colour, or what somebody texts.
DOCUMENTS = frozenset({"", ".in", ".md", ".toml", ".yaml", ".yml"})
BARE_NUMBER = re.compile(r"(?<![\w&/#])#\d{1,4}(?![-\w])")


def settings_in_env_example() -> list[str]:
    """Names set there, and names in a commented-out line."""
    return re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", ENV_EXAMPLE.read_text("utf-8"), re.MULTILINE)


def settings_in_readme() -> set[str]:
    """Names in backticks in the first column of tables whose first heading holds "setting"."""
    found: set[str] = set()
    in_table = is_about_settings = False
    for line in README.read_text("utf-8").splitlines():
        if not line.lstrip().startswith("|"):
            in_table = False
            continue
        first = line.strip().strip("|").split("|")[0]
        if not in_table:
            in_table, is_about_settings = True, "setting" in first.lower()
        elif is_about_settings:
            found.update(re.findall(r"`([A-Z][A-Z0-9_]*)", first))
    return found


def leaks(name: str, text: str) -> list[str]:
    """What in a text belongs to our own machines and trackers, not to its readers."""
    patterns = [*LEAKS.items()]
    if Path(name).suffix in DOCUMENTS:
        patterns.append(("an issue number", BARE_NUMBER))
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {kind}: {match.group()}"
        for kind, pattern in patterns
        for match in pattern.finditer(text)
    ]


def texts_of_the_repository() -> Iterator[tuple[str, str]]:
    """Path and contents of every text file that is ours."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(set(folders) - NOT_OURS)
        for name in sorted(files):
            if name == ".env":
                continue
            file = Path(folder, name)
            try:
                yield file.relative_to(ROOT).as_posix(), file.read_text("utf-8")
            except UnicodeDecodeError:
                continue
