{{ checked('cross_province') }}
