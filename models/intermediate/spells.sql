with

accepted as (

    select * from {{ ref('single_enrollments') }} where version_no = 1

)

{{ members_of_populations('accepted', ['person_id', 'started_on', 'spell_id', 'weight']) }}
