with

accepted as (

    {{ accepted('enrollment', ref('single_enrollments')) | indent(4) }}

)

{{ members_of_populations('accepted', ['person_id', 'started_on', 'spell_id', 'weight']) }}
