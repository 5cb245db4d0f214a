"""Makes the learned table from the corpus: `python -m service.routing.training` (`make train`).

    corpus      reads the corpus, and the fingerprint of all that the table depends on
    vectors     features -> numbers
    fit         the two linear models, and what each makes of a voice it has not learned from
    cutoffs     from which score on a text is an emergency, or perhaps one
    export      rounds and packs the numbers

The only place that imports scikit-learn and numpy; at run time nothing of this is loaded.
"""
