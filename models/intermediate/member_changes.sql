with

starts_and_ends as (

    select
        population, region_code, scheme, person_class_code, employer_type_code, account_type_code,
        start_month_no as month_no,
        members,
        members_as_reported

    from {{ ref('counted_spells') }}

    union all

    select
        population, region_code, scheme, person_class_code, employer_type_code, account_type_code,
        end_month_no as month_no,
        -members,
        -members_as_reported

    from {{ ref('counted_spells') }}

),

by_code as (

    select
        population,
        region_code,
        scheme,
        person_class_code,
        employer_type_code,
        account_type_code,
        month_no,
        sum(members) as members,
        sum(members_as_reported) as members_as_reported

    from starts_and_ends
    group by population, region_code, scheme, person_class_code, employer_type_code, account_type_code, month_no

)

select
    by_code.population,
    by_code.region_code,
    by_code.scheme,
    coalesce(status_word.maps_to, 'unknown') as member_status,
    case
        when by_code.scheme <> 'employee' then '_Z'
        when by_code.employer_type_code = '' then 'flexible_other'
        else coalesce(employer_word.maps_to, 'enterprise')
    end as employer_type,
    case when by_code.scheme <> 'employee' then '_Z' else coalesce(account_word.maps_to, 'unknown') end as account_mode,
    by_code.month_no,
    sum(by_code.members) as members,
    sum(by_code.members_as_reported) as members_as_reported

from by_code
    {{ join_word('psn_type', 'by_code.person_class_code', 'status_word') }}
    {{ join_word('emp_type', 'by_code.employer_type_code', 'employer_word') }}
    {{ join_word('hi_type', 'by_code.account_type_code', 'account_word') }}
group by 1, 2, 3, 4, 5, 6, 7
