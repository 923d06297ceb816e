{{ accepted('person_register') }}
