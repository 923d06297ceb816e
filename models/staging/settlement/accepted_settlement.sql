{{ accepted('settlement') }}
