{{ checked('population') }}
