"""The ear: what a text means. Pure functions over word lists that a person can read.

    fold       one spelling for matching: case, accents, emoji, look-alikes
    spelling   texting shorthand and misspelt key words, word by word
    patterns   the small pattern language the lexicon is written in
    lexicon/   the word lists (TOML)
    keywords   STOP, START, HELP, PAUSE 3 DAYS ..., and opting out or in in one's own words
    answers    replies to a check-in, a medication, a meeting, an appointment
    safety     crisis, overdose, medical danger
    topics     which of the guide's topics
    language   English or Spanish
    router     puts them in their fixed order: `understand(text, ...) -> Understanding`
"""
