{{ overlapping_rows(candidates_of('register_entry'), ['register_code', 'object_id', 'kind_code'], 'REGI-008') }}
