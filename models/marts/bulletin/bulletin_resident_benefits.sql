{{ bulletin_table(benefit_columns('resident')) }}
