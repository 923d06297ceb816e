-- Among the published figures: a total is the sum of its parts within the rounding of each.
select * from {{ ref('published_identities') }} where status = 'fails'
