with

accepted as (

    select * from {{ accepted_singles('enrollment') }} as single

)

{{ members_of_populations('accepted', ['person_id', 'started_on', 'spell_id', 'weight']) }}
