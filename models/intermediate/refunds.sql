{{ cancelling_rows(
    '(select * from (' ~ accepted('settlement', ref('single_settlements')) ~ ') as single where is_valid)',
    meta_of('settlement').events,
    {'absent': 'SETL-016', 'unequal': 'SETL-017', 'again': 'SETL-018'}
) }}
