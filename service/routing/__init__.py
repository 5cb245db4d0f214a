"""The ear: what a text means. Pure functions over word lists that a person can read.

router     puts the readers in their fixed order: `understand(text, ...) -> Understanding`
keywords   STOP, START, HELP, PAUSE 3 DAYS ..., and opting out or in in one's own words
safety     crisis, overdose, medical danger
answers    replies to a medication, a meeting, an appointment; `scores`, to a check-in
topics     which of the guide's topics
language   English or Spanish
strangers  what people write who do not know us

learned    what was learned from the corpus; `reading` joins it with safety and topics
training/  makes what is learned; `measure` says how good all this is

fold       one spelling for matching: case, accents, emoji, look-alikes
spelling   texting shorthand and misspelt key words, word by word
patterns   the small pattern language the lexicon is written in
data       loads the lexicon
lexicon/   the word lists (TOML): `safety/`, `topics/`, `answers/` and the rest
"""
