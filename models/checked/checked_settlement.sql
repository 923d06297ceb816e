{{ checked('settlement') }}
