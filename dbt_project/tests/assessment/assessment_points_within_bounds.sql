-- Points lie between 0 and the full points, exist exactly where the status is measured, and an area's full points sum
-- to 100 (to within half a hundredth for each indicator, which are rounded one by one). Returns what breaks this.
select month_start, area_code, indicator_code
from {{ ref("fct_assessment_score") }}
where
    (status = 'measured' and (points is null or points < 0 or points > points_full))
    or (status <> 'measured' and points is not null)
union all
select month_start, area_code, 'sum of full points' as indicator_code
from {{ ref("fct_assessment_score") }}
group by month_start, area_code
having sum(points_full) not between 100 - 0.005 * count(*) and 100 + 0.005 * count(*)
