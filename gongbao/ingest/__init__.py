"""The door: delivered files become typed Parquet batches without personal values.

collecting.py  the files of a command
reading/       bytes to a table of text (what a file is, encoding, sheets, structure)
header.py      headers to contract columns, and their units
typing.py      text to contract types, as SQL
identity.py    the key and the keyed hash, as SQL
batch.py       the lake: what is there, and how a batch gets in whole
door.py        one file through all of these; `ingest` and `check` call it
"""
