"""The clock room: when things happen. The only importer of APScheduler. No rules, no SQL, no Flask.

__main__.py       python -m jobs: build the parts, start the sender and the timetable, stop cleanly
timetable.py      which job runs how often
duties.py         what each job does: one workflow, its counts logged
"""
