{{ accepted('policy_parameter') }}
