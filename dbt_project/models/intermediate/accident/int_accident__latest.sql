-- One row per accident (事故), latest report, with the history of its reports and whether it is counted (统计).
-- Casualties are revised until day 30 (road and fire: 7); 核销 marks the row and never deletes it.
with
    reports as ({{ accident_reports() }}),

    versions as (
        select
            *,
            row_number() over (
                partition by department_code, accident_id
                order by _version_at desc nulls last, _batch_seq desc nulls last, _row desc nulls last
            ) as recency,
            row_number() over (
                partition by department_code, accident_id
                order by _version_at asc nulls last, _batch_seq asc nulls last, _row asc nulls last
            ) as seniority
        from reports
    ),

    history as (
        select
            department_code,
            accident_id,
            min(reported_at) as first_reported_at,
            max(reported_at) as last_reported_at,
            count(distinct report_version) as report_versions,
            max(case when seniority = 1 then deaths end) as first_reported_deaths
        from versions
        group by department_code, accident_id
    ),

    judged as (select *, {{ accident_exclusion() }} as exclusion_code from versions where recency = 1)

select
    judged.accident_id,
    judged.department_code,
    judged.source_feed,
    judged.accident_domain,
    judged.occurred_at,
    cast(judged.occurred_at as date) as occurred_on,
    {{ month_start("judged.occurred_at") }} as month_start,
    history.first_reported_at,
    history.last_reported_at,
    history.report_versions,
    judged.district_code,
    judged.street_code,
    judged.uscc,
    judged._mention_key,
    judged.enterprise_name,
    judged.industry_code,
    judged.accident_type_code,
    judged.vehicle_kind,
    judged.supervising_department,
    judged.deaths,
    judged.serious_injuries,
    judged.minor_injuries,
    judged.direct_loss_yuan,
    history.first_reported_deaths,
    judged.exclusion_code is null as is_statistical,
    judged.exclusion_code,
    case
        when judged.exclusion_code is not null
        then
            coalesce(
                nullif(trim(judged.exclusion_reason), ''),
                case
                    judged.exclusion_code
                    when 'written_off'
                    then '核销'
                    when 'not_production'
                    then '非生产经营活动'
                    when 'not_operating_vehicle'
                    then '非营运车辆'
                    when 'below_threshold'
                    then '没有人员伤亡且损失未达门槛'
                end
            )
    end as exclusion_reason,
    judged.record_status = 'written_off' as is_written_off,
    coalesce(judged.is_concealed, false) as is_concealed,
    judged.reporting_violation,
    judged.received_at,
    judged.investigation_extension_days,
    judged.appraisal_days,
    judged.report_submitted_on,
    judged.approved_on,
    judged.closed_on,
    judged.statistics_rule_version
from judged
inner join history on judged.department_code = history.department_code and judged.accident_id = history.accident_id
