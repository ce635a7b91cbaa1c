-- One row per month × insurer × district × functional zone × measure: premium, claims and cover of the co-insurers by
-- their shares; what cannot be divided (numbers of policies and claims) is the leading company's.
with
    earned as (
        select
            policy_months.month_start,
            shares.insurer,
            policy_months.district_code,
            policy_months.functional_zone_code,
            {{ part_of("policy_months.earned_yuan", "shares") }} as earned_yuan
        from {{ ref("int_insurance__policy_month") }} as policy_months
        join {{ ref("int_insurance__policy_share") }} as shares on shares.policy_no = policy_months.policy_no
    ),

    long as (
        {%- set shares = ref("fct_policy_share") -%}
        {%- set claims = ref("fct_claim_share") -%}
        {%- set parts = [
            (
                shares,
                "signed_month",
                "signed_month is not null",
                [
                    ("premium_signed_yuan", "premium_signed_yuan"),
                    ("premium_received_yuan", "premium_received_yuan"),
                    ("policies_signed", "case when is_lead then 1 else 0 end"),
                ],
            ),
            (
                shares,
                "cancelled_month",
                "cancelled_month is not null",
                [("premium_refunded_yuan", "premium_refunded_yuan")],
            ),
            (claims, "reported_month", "is_lead", [("claims_reported", "1")]),
            (claims, "settled_month", "settled_month is not null", [("paid_yuan", "paid_yuan")]),
            (
                claims,
                "occurred_month",
                "occurred_month is not null",
                [
                    ("incurred_yuan", "coalesce(paid_yuan, 0) + coalesce(reserve_yuan, 0)"),
                ],
            ),
            ("earned", "month_start", none, [("earned_premium_yuan", "earned_yuan")]),
        ] -%}
        {{ summed_measures(parts, ["insurer"]) }}
    )

select month_start, insurer, district_code, functional_zone_code, measure, amount
from long
