"""Step 1 for records: loans, applicants, card clients – typed, labelled, and refused where in doubt.

`open_records` opens what a study names, `records_from_frame` takes a table in memory; both give a
`core.record_table.RecordSnapshot`. `save_records` and `load_records` keep one in a folder. `read_request`
and `stream_request` read what is to be scored.
"""

from barograph.collect.records.catalogue import (
    PACKAGED_RECORDS,
    PackagedRecords,
    RecordSource,
    open_records,
    records_from_frame,
)
from barograph.collect.records.serving import RequestNotes, read_request, required
from barograph.collect.records.snapshot import load_records, records_hash, save_records
from barograph.collect.records.streaming import RequestStream, stream_request

__all__ = [
    "PACKAGED_RECORDS",
    "PackagedRecords",
    "RecordSource",
    "RequestNotes",
    "RequestStream",
    "load_records",
    "open_records",
    "read_request",
    "records_from_frame",
    "records_hash",
    "required",
    "save_records",
    "stream_request",
]
