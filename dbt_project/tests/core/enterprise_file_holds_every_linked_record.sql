-- Nothing that is linked to an enterprise is missing from its file: per kind of event, the records that the file is
-- made of are as many as those of the tables that tell of them. Returns the kinds that differ.
with
    told as (select event_kind, sum(source_rows) as records from {{ ref("rpt_enterprise_file") }} group by event_kind),

    expected as (
        {% for kind, relation, day, condition in [
            ("inspected", "fct_inspection", "inspected_on", "1 = 1"),
            ("hazard_found", "fct_hazard", "found_on", "1 = 1"),
            ("hazard_rectified", "fct_hazard", "rectified_on", "is_rectified"),
            ("hazard_rechecked", "fct_hazard", "rechecked_on", "1 = 1"),
            ("hazard_extended", "fct_hazard", "extended_on", "1 = 1"),
            ("hazard_closed", "fct_hazard", "closed_on", "not is_listed"),
            ("hazard_listed", "fct_hazard", "coalesce(listed_on, found_on)", "is_listed"),
            ("hazard_delisted", "fct_hazard", "coalesce(delisted_on, closed_on)", "is_delisted"),
            ("case_filed", "fct_penalty", "filed_on", "1 = 1"),
            ("penalty_decided", "fct_penalty", "decided_on", "1 = 1"),
            ("penalty_paid", "fct_penalty_payment", "paid_on", "1 = 1"),
            ("penalty_overdue", "fct_penalty_payment", "due_on", "is_overdue"),
            ("suspended", "fct_case", "suspension_from", "1 = 1"),
            ("suspension_expired", "fct_case", "suspension_until", "suspension_state = 'expired'"),
            ("resumed", "fct_case", "resumed_on", "1 = 1"),
            ("closure_proposed", "fct_case", "closure_proposed_on", "1 = 1"),
            ("closed_down", "fct_case", "closed_down_on", "1 = 1"),
            ("transferred", "fct_case", "transferred_on", "1 = 1"),
            ("cover_ended", "fct_coverage_period", "started_on", "period_kind = 'lapsed'"),
            ("cover_missing", "fct_coverage_period", "started_on", "period_kind = 'never'"),
            ("accident", "fct_accident", "occurred_on", "1 = 1"),
            ("measures_issued", "fct_corrective_measure", "issued_on", "responsible_party = 'enterprise'"),
            ("tip", "fct_tip", "received_at", "1 = 1"),
            ("order_issued", "fct_work_order", "issued_at", "1 = 1"),
            ("self_check", "int_inspection__self_check_latest", "checked_on", "1 = 1"),
            ("credit_points", "fct_credit_event", "event_on", "points <> 0"),
            ("registered", "int_core__enterprise", "established_on", "1 = 1"),
        ] %}
            select '{{ kind }}' as event_kind, count(*) as records
            from {{ ref(relation) }}
            where entity_id is not null and cast({{ day }} as date) <= {{ as_of() }} and {{ condition }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select expected.event_kind, expected.records, coalesce(told.records, 0) as told
from expected
left join told on expected.event_kind = told.event_kind
where expected.records <> coalesce(told.records, 0)
