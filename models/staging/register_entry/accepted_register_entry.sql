{{ accepted('register_entry') }}
