"""The committed table is what the corpus, the word lists and the training code give."""

import os

import pytest

from service.routing.learned import table, unpack
from service.routing.training import corpus
from service.routing.training.corpus import CorpusError, fingerprint, read_corpus


def test_the_table_is_current():
    assert table().fingerprint == fingerprint(), "the corpus, a word list or the code changed: `make train`"


@pytest.mark.skipif(not os.environ.get("CI"), reason="fits the models anew: half a minute, in CI only")
def test_the_table_can_be_made_again() -> None:
    """Its numbers; the cut-offs, which need a model for each voice left out, are held by the fingerprint."""
    fit = pytest.importorskip("service.routing.training.fit").fit
    features_of = pytest.importorskip("service.routing.training.vectors").features_of
    pack = pytest.importorskip("service.routing.training.export").pack
    rows = read_corpus("training")
    kept = table()
    made = unpack(pack(fit(rows, [features_of(row) for row in rows]), kept.settings, fingerprint()))
    assert made.labels == kept.labels
    assert made.biases == pytest.approx(kept.biases, abs=0.001)
    for made_scales, scales in zip(made.scales, kept.scales, strict=True):
        assert made_scales == pytest.approx(scales, rel=0.001)
    for made_rows, kept_rows in zip(made.rows, kept.rows, strict=True):
        assert made_rows.keys() == kept_rows.keys()
        differing = sum(made_rows[name] != number for name, number in kept_rows.items())
        # Another machine's arithmetic may round a number in some thousand the other way, no more.
        assert differing <= len(kept_rows) / 50


def test_a_changed_text_changes_the_fingerprint(tmp_path, monkeypatch: pytest.MonkeyPatch):
    before = fingerprint()
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "one.tsv").write_text("crisis\ten\td\thelp\n")
    monkeypatch.setattr(corpus, "ROUTING", tmp_path)
    monkeypatch.setattr(corpus, "CORPUS", tmp_path)
    for name in ("data", "fold", "learned", "patterns", "safety", "spelling", "topics"):
        (tmp_path / f"{name}.py").write_text("")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "glossary.toml").write_text("")
    first = fingerprint()
    (tmp_path / "training" / "one.tsv").write_text("crisis\ten\td\thelp!\n")
    assert len({before, first, fingerprint()}) == 3


def test_the_training_never_sees_a_held_out_voice():
    trained, held = ({row.voice for row in read_corpus(part)} for part in ("training", "heldout"))
    assert trained
    assert held
    assert not trained & held
    seen = {row.text for row in read_corpus("training")}
    # Two people may both text "yes", but not the same long sentence.
    assert not [row.text for row in read_corpus("heldout") if row.text in seen and len(row.text.split()) > 9]


def test_a_bad_line_is_named(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(corpus, "CORPUS", tmp_path)
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "one.tsv").write_text("crisis\ten\td\thelp\ncrisis\tfr\td\tau secours\n")
    with pytest.raises(CorpusError, match=r"one\.tsv:2"):
        read_corpus("training")
