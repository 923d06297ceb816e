{{ accepted('example_register') }}
