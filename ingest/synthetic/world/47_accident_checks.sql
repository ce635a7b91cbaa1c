-- What came of asking about injuries that no reported accident is behind: the first and every other planted one, and some
-- of those that chance made.
create view v_yjgl__accident_lead_check as
with
    checked as (
        select
            *,
            applied_on + rint(k, mark || 'lead checked after', 60, 85)::int as checked_on
        from injury
        where
            outcome in ('death', 'serious') and cause in ('workplace', 'business_trip') and fate <= 0.95
            and ((mark = 'C' and floor(k / 64) % 2 = 1) or (mark = 'B' and rnd(k, 'lead checked') < 0.4))
    )

select
    'RS' || strftime(applied_on, '%Y%m') || mark || lpad(k::varchar, 8, '0') as lead_no,
    case when mark = 'C' or rnd(k, 'lead verdict') < 0.5 then 'to_be_reported' else 'not_accident' end as outcome,
    cast(null as varchar) as accident_id,
    checked_on,
    district_name || '应急管理局' as checking_unit,
    office_time(checked_on, k, mark || 'lead check typed in') as updated_at
from checked;
