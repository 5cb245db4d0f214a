"""The words as the service loads them, and a copy of their files to spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from service.guide import Words, load_words
from service.guide.loader import HERE


@pytest.fixture(scope="session")
def words() -> Words:
    return load_words()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data files."""
    for name in ("cards", "texts"):
        shutil.copytree(HERE / name, tmp_path / name)
    shutil.copy(HERE / "hotlines.toml", tmp_path)
    return tmp_path


@pytest.fixture
def spoil(folder: Path) -> Callable[[str, str, str], None]:
    """Replaces some words in one of the copied files."""

    def replace(file: str, old: str, new: str) -> None:
        path = folder / file
        before = path.read_text(encoding="utf-8")
        assert old in before
        path.write_text(before.replace(old, new, 1), encoding="utf-8")

    return replace
