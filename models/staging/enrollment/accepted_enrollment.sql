{{ accepted('enrollment') }}
