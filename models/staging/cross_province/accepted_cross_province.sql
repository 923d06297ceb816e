{{ accepted('cross_province') }}
