-- Where a mart is finer or coarser than what it is made of, its rows still stand for all of it; what is left out is
-- said here, in `without`, and nowhere else. Returns what differs.
{% set city = "area_code = '" ~ var("city_code") ~ "'" %}
with
    compared as (
        {% for what, without, made_of, counted in [
            (
                "policies carried by companies",
                "",
                "select count(*) from " ~ ref("int_insurance__policy"),
                "select count(distinct policy_no) from " ~ ref("fct_policy_share"),
            ),
            (
                "claims carried by companies",
                "claims on a policy that nobody sent",
                "select count(*) from "
                ~ ref("fct_claim")
                ~ " where policy_no in (select policy_no from "
                ~ ref("int_insurance__policy")
                ~ ")",
                "select count(distinct claim_no) from " ~ ref("fct_claim_share"),
            ),
            (
                "payments after disasters",
                "",
                "select count(*) from " ~ ref("fct_disaster_payment"),
                "select coalesce(sum(batches), 0) from " ~ ref("rpt_disaster_event") ~ " where " ~ city,
            ),
            (
                "rescue teams",
                "teams that are founded after the day",
                "select count(*) from ("
                ~ latest_standing(ref("stg_yjgl__rescue_team"), ["team_id"])
                ~ ") as latest where founded_on is null or founded_on <= "
                ~ as_of(),
                "select coalesce(sum(teams), 0) from " ~ ref("agg_rescue_team") ~ " where " ~ city,
            ),
            (
                "instalments of penalties",
                "",
                "select count(*) from ("
                ~ latest_standing(ref("stg_yjgl__penalty_payment"), ["payment_no"])
                ~ ") as latest",
                "select count(*) from " ~ ref("fct_penalty_payment") ~ " where told_by = 'payment'",
            ),
            (
                "mentions of enterprises",
                "",
                "select count(*) from " ~ source("entities", "entity_mention"),
                "select coalesce(sum(mentions), 0) from " ~ ref("rpt_identity"),
            ),
            (
                "enterprises with a history",
                "",
                "select count(*) from " ~ ref("int_core__enterprise"),
                "select count(distinct entity_id) from " ~ ref("dim_enterprise_history"),
            ),
            (
                "credit events with a score",
                "",
                "select count(distinct entity_id) from "
                ~ ref("fct_credit_score_part")
                ~ " where part_kind = 'event'",
                "select count(distinct parts.entity_id) from "
                ~ ref("fct_credit_score_part")
                ~ " as parts inner join "
                ~ ref("fct_credit_score")
                ~ " as scores on parts.entity_id = scores.entity_id and parts.month_start = scores.month_start"
                ~ " where parts.part_kind = 'event'",
            ),
        ] %}
            select
                '{{ what }}' as what, '{{ without }}' as without, ({{ made_of }}) as made_of, ({{ counted }}) as counted
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select what, without, made_of, counted
from compared
where made_of <> counted
