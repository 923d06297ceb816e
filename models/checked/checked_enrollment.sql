{{ checked('enrollment') }}
