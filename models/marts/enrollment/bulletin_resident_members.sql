{{ bulletin_table() }}
