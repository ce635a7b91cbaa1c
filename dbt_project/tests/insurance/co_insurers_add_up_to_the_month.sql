-- Every month and area in which the companies together do not come to the co-insurance pool.
with
    companies as (
        select
            month_start,
            area_code,
            sum(policies_signed) as policies_signed,
            sum(premium_signed_yuan) as premium_signed_yuan,
            sum(earned_premium_yuan) as earned_premium_yuan,
            sum(paid_yuan) as paid_yuan,
            sum(incurred_yuan) as incurred_yuan
        from {{ ref("agg_insurer_month") }}
        group by month_start, area_code
    )

select pool.month_start, pool.area_code
from {{ ref("agg_insurance_month") }} as pool
join companies on companies.month_start = pool.month_start and companies.area_code = pool.area_code
where
    companies.policies_signed <> pool.policies_signed
    or companies.premium_signed_yuan <> pool.premium_signed_yuan
    or companies.earned_premium_yuan <> pool.earned_premium_yuan
    or companies.paid_yuan <> pool.paid_yuan
    or companies.incurred_yuan <> pool.incurred_yuan
