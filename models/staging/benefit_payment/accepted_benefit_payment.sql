{{ accepted('benefit_payment') }}
