{{ bulletin_table(inpatient_columns('employee')) }}
