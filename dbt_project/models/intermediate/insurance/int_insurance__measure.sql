-- One row per month × district × functional zone × measure: everything that is counted or summed a month about
-- policies, claims, services and renewals, before it is given to areas. The day that decides the month stands beside
-- each measure.
with
    served as (
        select policy_no, min(served_on) as first_served_on
        from {{ ref("fct_service") }}
        where is_within_cover
        group by policy_no
    ),

    monthly as (
        select
            policy_months.*,
            policy_months.is_in_force
            and {{ days_between("policy_months.start_on", "policy_months.measured_on") }}
            > {{ insurance_parameter("service_due_days") }} as is_service_due,
            coalesce(served.first_served_on <= policy_months.measured_on, false) as is_served
        from {{ ref("int_insurance__policy_month") }} as policy_months
        left join served on served.policy_no = policy_months.policy_no
    ),

    -- a claim is outstanding (未决) from its report to the day before it is settled
    outstanding as (
        select months.month_start, claim.district_code, claim.functional_zone_code
        from {{ ref("int_core__measuring_month") }} as months
        inner join
            {{ ref("fct_claim") }} as claim
            on claim.reported_on <= months.measured_on
            and case
                when claim.settled_on is null
                then claim.claim_status = 'open'
                else claim.settled_on > months.measured_on
            end
    ),

    long as (
        {#- (relation, month, filter, [(measure, amount)]) -#}
        {%- set parts = [
            (
                ref("fct_policy"),
                "signed_month",
                none,
                [
                    ("policies_signed", "1"),
                    ("premium_signed_yuan", "premium_signed_yuan"),
                    ("premium_received_yuan", "premium_received_yuan"),
                ],
            ),
            (
                ref("fct_policy"),
                month_start("cancelled_on"),
                "cancelled_on is not null",
                [
                    ("premium_refunded_yuan", "premium_refunded_yuan"),
                ],
            ),
            (
                "monthly",
                "month_start",
                none,
                [
                    ("earned_premium_yuan", "earned_yuan"),
                    ("policies_in_force", "case when is_in_force then 1 else 0 end"),
                    ("sum_insured_yuan", "case when is_in_force then sum_insured_yuan end"),
                    ("policies_due_service", "case when is_service_due then 1 else 0 end"),
                    ("policies_served", "case when is_service_due and is_served then 1 else 0 end"),
                ],
            ),
            (ref("fct_claim"), "reported_month", none, [("claims_reported", "1")]),
            ("outstanding", "month_start", none, [("claims_open", "1")]),
            (
                ref("fct_claim"),
                "settled_month",
                "claim_status = 'settled'",
                [
                    ("claims_settled", "1"),
                    ("days_to_settle_total", "days_to_settle"),
                    ("claims_settled_in_time", "case when is_settled_in_time then 1 else 0 end"),
                ],
            ),
            (ref("fct_claim"), "settled_month", "settled_month is not null", [("paid_yuan", "paid_yuan")]),
            (
                ref("fct_claim"),
                "occurred_month",
                none,
                [
                    ("incurred_yuan", "coalesce(paid_yuan, 0) + coalesce(reserve_yuan, 0)"),
                ],
            ),
            (
                ref("fct_service"),
                "month_start",
                none,
                [
                    ("services", "1"),
                    ("service_hazards_found", "hazards_found"),
                    ("service_hazards_rectified", "hazards_rectified"),
                    ("service_cost_yuan", "cost_yuan"),
                    ("service_complaints", "case when complained_on is not null then 1 else 0 end"),
                ],
            ),
            (
                ref("fct_renewal"),
                "month_start",
                "is_ended",
                [
                    ("policies_expired", "1"),
                    ("policies_renewed_on_time", "case when renewal_status = 'on_time' then 1 else 0 end"),
                    ("policies_renewed_late", "case when renewal_status = 'late' then 1 else 0 end"),
                ],
            ),
        ] -%}
        {{ summed_measures(parts) }}
    )

select month_start, district_code, functional_zone_code, measure, amount
from long
