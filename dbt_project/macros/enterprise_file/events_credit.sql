{#- Chapters of an enterprise's file: insurance and credit; how they are written: macros/enterprise_file/events.sql. -#}
{% macro enterprise_file_insurance() -%}
    {#- which days those are is the insurance mart's to say -#}
    {%- set gaps -%}
        select gap.*, cast(null as varchar) as department_code, 'jgt.insurance' as source_feed
        from {{ ref("int_insurance__gap_period") }} as gap
    {%- endset -%}
    {%- set gap_days = days_between("gap_from", "coalesce(gap_until, " ~ as_of() ~ ")") -%}
    {%- set gap_end = (
        "case when gap_until is null then '至今' else concat('至 ', cast(gap_until as varchar), '，共') end"
    ) -%}
    {%- set claims -%}
        select
            claim.department_code,
            claim.source_feed,
            claim.claim_no,
            claim.claim_status,
            claim.occurred_on,
            claim.reported_on,
            claim.settled_on,
            claim.paid_yuan,
            claim.reserve_yuan,
            policy._mention_key
        from ({{ latest_standing(ref("stg_claim"), ["department_code", "claim_no"]) }}) as claim
        inner join
            ({{ latest_version(ref("stg_policy"), ["department_code", "policy_no"]) }}) as policy
            on claim.policy_no = policy.policy_no
    {%- endset -%}
    {{
        return(
            [
                {
                    "name": "policy",
                    "subject": "policy",
                    "id": "policy_no",
                    "events": [
                        {
                            "kind": "policy_signed",
                            "on": "signed_on",
                            "what": "投保安责险，{insurer}，{start_on} 至 {end_on}，保额 {sum_insured_yuan:wan} 万元；金额为签单保费",
                            "amount": "premium_signed_yuan",
                        },
                        {"kind": "policy_cancelled", "on": "cancelled_on", "what": "退保，保单 {policy_no}"},
                    ],
                },
                {
                    "name": "gap",
                    "rows": gaps,
                    "entity": "entity_id",
                    "id": "gap_from",
                    "events": [
                        {
                            "kind": "cover_ended",
                            "on": "gap_from",
                            "where": "is_lapse",
                            "what": "应投安责险，原有保障终止而没有接续的保单，{"
                            ~ gap_end
                            ~ "} {"
                            ~ gap_days
                            ~ "} 天",
                        },
                        {
                            "kind": "cover_missing",
                            "on": "gap_from",
                            "where": "not is_lapse",
                            "what": "应投安责险，没有投保，{" ~ gap_end ~ "} {" ~ gap_days ~ "} 天",
                        },
                    ],
                },
                {
                    "name": "claim",
                    "subject": "claim",
                    "rows": claims,
                    "id": "claim_no",
                    "events": [
                        {
                            "kind": "claim_reported",
                            "on": "reported_on",
                            "what": "安责险报案，出险日 {occurred_on}，现{claim_status:name}；金额为未决准备金",
                            "amount": "reserve_yuan",
                        },
                        {
                            "kind": "claim_settled",
                            "on": "settled_on",
                            "what": "赔案 {claim_no} 结案；金额为已付赔款",
                            "amount": "paid_yuan",
                        },
                    ],
                },
                {
                    "name": "service",
                    "feed": "jrjg.prevention_service",
                    "id": "service_id",
                    "events": [
                        {
                            "kind": "service",
                            "on": "served_on",
                            "what": "保险机构事故预防服务：{service_kind:name}，{provider}",
                            "more": [
                                ["hazards_found > 0", "，发现隐患 {hazards_found} 处，整改 {hazards_rectified} 处"],
                            ],
                            "amount": "cost_yuan",
                        },
                    ],
                },
            ]
        )
    }}
{%- endmacro %}

{#- Colours and points are this warehouse's own judgement (jgt), by the rule set in use; all else is what was sent. -#}
{% macro enterprise_file_credit() -%}
    {%- set points -%}
        select
            entity_id,
            event_id,
            event_on,
            event_name,
            points,
            cast(null as varchar) as department_code,
            'jgt.credit' as source_feed
        from {{ ref("fct_credit_event") }}
        where points <> 0
    {%- endset -%}
    {#- a listed person is not his employer, and may bear the number of a unit's entry -#}
    {%- set units = latest_standing(
        "(select * from "
        ~ ref("stg_credit_listing")
        ~ " where coalesce(subject_kind, 'enterprise') <> 'person')",
        ["department_code", "entry_id"],
    ) -%}
    {%- set colours -%}
        select
            entity_id,
            month_start,
            score,
            colour_name,
            lag(colour_name) over (partition by entity_id order by month_start asc nulls last) as former_colour_name,
            cast(null as varchar) as department_code,
            'jgt.credit' as source_feed
        from {{ ref("fct_credit_score") }}
    {%- endset -%}
    {{
        return(
            [
                {
                    "name": "credit_event",
                    "rows": points,
                    "entity": "entity_id",
                    "id": "event_id",
                    "events": [
                        {
                            "kind": "credit_points",
                            "on": "event_on",
                            "what": "{event_name}，计 {points:short} 分",
                        },
                    ],
                },
                {
                    "name": "credit_colour",
                    "rows": colours,
                    "entity": "entity_id",
                    "id": "concat(entity_id, ':', cast(month_start as varchar))",
                    "events": [
                        {
                            "kind": "colour_changed",
                            "on": "least(" ~ month_end("month_start") ~ ", " ~ as_of() ~ ")",
                            "where": "former_colour_name <> colour_name",
                            "what": "月度信用由{former_colour_name}变为{colour_name}，得 {score:short} 分",
                        },
                    ],
                },
                {
                    "name": "listing",
                    "subject": "credit_listing",
                    "rows": units,
                    "id": "entry_id",
                    "events": [
                        {
                            "kind": "list_entered",
                            "on": "listed_on",
                            "what": "列入{list_kind:name}，{decided_by}认定",
                            "more": [["valid_until is not null", "，有效期至 {valid_until}"]],
                        },
                        {"kind": "list_removed", "on": "removed_on", "what": "移出{list_kind:name}"},
                    ],
                },
                {
                    "name": "display",
                    "feed": "fgw.publicity_display",
                    "id": "display_no",
                    "events": [
                        {
                            "kind": "display_begun",
                            "on": "displayed_on",
                            "what": "信用平台公示{record_kind:name}信息，{record_no}",
                        },
                        {
                            "kind": "display_ended",
                            "on": "withdrawn_on",
                            "what": "信用平台撤下{record_kind:name}信息，{record_no}",
                        },
                    ],
                },
                {
                    "name": "repair",
                    "feed": "fgw.credit_repair",
                    "id": "repair_id",
                    "events": [
                        {
                            "kind": "repair_applied",
                            "on": "applied_on",
                            "what": "申请信用修复",
                            "more": [
                                ["case_no is not null", "，案件 {case_no}"],
                                ["entry_id is not null", "，名单 {entry_id}"],
                            ],
                        },
                        {"kind": "repair_decided", "on": "decided_on", "what": "信用修复申请：{decision:name}"},
                    ],
                },
                {
                    "name": "commitment",
                    "feed": "fgw.credit_commitment",
                    "id": "commitment_id",
                    "events": [
                        {
                            "kind": "commitment",
                            "on": "committed_on",
                            "what": "作出{commitment_kind:name}信用承诺，{fulfilment:name}",
                        },
                        {
                            "kind": "commitment_breached",
                            "on": "verified_on",
                            "where": "fulfilment = 'broken'",
                            "what": "核查发现违背 {committed_on} 所作的{commitment_kind:name}承诺",
                        },
                    ],
                },
            ]
        )
    }}
{%- endmacro %}
