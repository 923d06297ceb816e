with

accepted as (

    select single.*

    from {{ ref('single_enrollments') }} as single
    left join {{ ref('older_enrollment') }} as older
        on single.batch_id = older.batch_id
        and single.row_no = older.row_no
    where older.row_no is null
        and not single.is_rejected

)

{{ members_of_populations('accepted', ['person_id', 'started_on', 'spell_id', 'weight']) }}
