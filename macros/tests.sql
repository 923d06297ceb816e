{# Generic tests of this project; each fails with the rows that its reader needs. #}

{% test unique_together(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_found

from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{% test never_null(model, columns) %}
select {{ columns | join(', ') }}

from {{ model }}
where {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}

{% test single_row(model) %}
select count(*) as rows_found

from {{ model }}
having count(*) <> 1
{% endtest %}
