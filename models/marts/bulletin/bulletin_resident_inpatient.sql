{{ bulletin_table(inpatient_columns('resident')) }}
