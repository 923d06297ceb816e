"""Service points counted again, by the definition, from the rows as they were delivered.

按定义由报送的行重新计算服务点数。
"""

from __future__ import annotations

import duckdb
from country import PROJECT, Country

# Points that hold on 31 December: of the rows that count, one a point (the later beginning), by province and kind.
# 12月31日有效的服务点：计入的行中每个服务点取一行（开始日期较晚者），按省和类型。
RECOUNT = """
    with latest as (
        select *, row_number() over (partition by point_no, begndate order by updt_time desc nulls last, src_row_no desc) as version_no
        from read_parquet('{lake}/example_register/*/rows.parquet')
        where point_no is not null
            and begndate between date '2000-01-01' and date '2099-12-31'
            and (enddate is null or enddate > begndate)
            and point_kind in ('1', '2')
            and coalesce(vali_flag, '1') = '1'
            and left(admdvs, 2) || '0000' in (select region_code from read_csv('{regions}', all_varchar = true) where region_level = 'province')
    ),
    held as (
        select y as year, *, row_number() over (partition by y, point_no order by begndate desc, updt_time desc nulls last, src_row_no desc) as place
        from latest, range(2000, 2100) as years (y)
        where version_no = 1 and begndate <= make_date(y, 12, 31) and (enddate is null or enddate > make_date(y, 12, 31))
    )
    select cast(year as varchar), left(admdvs, 2) || '0000', 'point_kind=' || case point_kind when '1' then 'office' else 'village' end, sum(weight)
    from held
    where place = 1
    group by all
"""


def test_points_of_a_year_end_are_the_objects_that_hold_then(country: Country) -> None:
    published = country.query(
        "select time_period, region_code, dims, value from observations"
        " where indicator = 'example_points' and period_kind = 'year' and region_level = 'province' and breakdown = 'point_kind' and value > 0"
    )
    years = {year for year, *_ in published}
    with duckdb.connect() as connection:
        counted = connection.execute(RECOUNT.format(lake=country.home / "lake", regions=PROJECT / "seeds" / "codes" / "regions.csv")).fetchall()
    assert len(years) > 1
    assert sorted(published) == sorted(row for row in counted if row[0] in years)
