{{ accepted('population') }}
