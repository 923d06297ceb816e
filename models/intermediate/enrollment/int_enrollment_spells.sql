with

accepted as (

    select * from {{ ref('checked_enrollment_rows_to_compare') }} where version_no = 1

)

{{ members_of_populations('accepted', ['person_id', 'started_on', 'spell_id', 'weight']) }}
