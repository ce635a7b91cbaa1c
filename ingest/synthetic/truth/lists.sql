-- What the lists of suspicions and of what is overdue must come to, and the rates that rest on returns of their own; as
-- truth.sql, after which it runs.
-- what happened without an accident reported: the case and fire numbers that no reported accident is behind
create table truth_unreported as
select 'rsj' as department_code, injury_case_no as record_id, injured_on as event_on
from (select * from s_rsj__work_injury qualify row_number() over (partition by injury_case_no order by updated_at desc) = 1)
where
    substr(injury_case_no, 9, 1) in ('B', 'C')
    and outcome in ('death', 'serious')
    and injury_cause in ('workplace', 'business_trip')
    and coalesce(decision, 'granted') = 'granted'
union all
select 'xfjy', incident_no, alarm_at::date
from (select * from s_xfjy__fire_incident qualify row_number() over (partition by incident_no order by updated_at desc) = 1)
where
    right(incident_no, 1) <> 'S' and is_production_related and deaths + injuries > 0 and cause <> 'arson'
    and place_kind not in ('residence', 'vehicle');

-- reported with fewer casualties than the labour office knows of: of every accident at work, the dead and the badly hurt
-- among its injury cases (marks A and E, numbered by the accident) against the last report
create table truth_understated as
with
    known as (
        select
            floor(substr(injury_case_no, 10)::bigint / 64)::bigint as n,
            count(*) filter (outcome = 'death') as deaths,
            count(*) as graves,
            string_agg(injury_case_no, '、' order by injury_case_no) as record_ids
        from (select * from s_rsj__work_injury qualify row_number() over (partition by injury_case_no order by updated_at desc) = 1)
        where
            substr(injury_case_no, 9, 1) in ('A', 'E') and outcome in ('death', 'serious')
            and coalesce(decision, 'granted') = 'granted'
        group by all
    )

select
    a.accident_id,
    greatest(k.deaths - a.deaths, 0)::bigint as deaths_short,
    greatest(k.graves - a.deaths - a.serious_injuries, 0)::bigint as graves_short,
    a.deaths < 3 and k.deaths >= 3 as is_graver
from t_accident as a join known as k on a.sent_by = 'direct' and substr(a.accident_id, 11)::bigint = k.n
where k.deaths > a.deaths or k.graves > a.deaths + a.serious_injuries;

-- all road traffic's dead for every ten thousand vehicles of the city, in years that are over and told whole
create table truth_road_rate as
with
    killed as (
        select year, sum(deaths) as deaths
        from (
            select * from s_gaj__road_traffic_month
            qualify row_number() over (partition by district_code, year, month_number order by released_on desc) = 1
        )
        group by year
        having count(*) = 12 * (select count(*) from district_share)
    ),

    driven as (
        select year, sum(vehicles) as vehicles
        from (select * from s_tjj__district_economy qualify row_number() over (partition by district_code, year order by released_on desc) = 1)
        group by year
        having count(*) = (select count(*) from district_share)
    )

select year, killed.deaths::bigint as deaths, driven.vehicles::bigint as vehicles
from killed join driven using (year);

-- what the platform should long have taken down (a fortnight ago or more) and shows still: its longest period of three
-- years over, or its repair granted
create table truth_display as
with
    shown as (
        select * from s_fgw__publicity_display qualify row_number() over (partition by display_no order by updated_at desc) = 1
    ),

    must_end as (
        select 'penalty' as record_kind, p.case_no as record_no,
            least((p.decided_on + interval 36 month)::date, coalesce(min(r.decided_on), date '9999-12-31')) as ends_on
        from t_penalty as p left join t_repair as r on r.case_no = p.case_no and r.decision = 'granted' and r.decided_on <= getvariable('as_of')
        where p.department_code = 'yjgl' and p.decided_on is not null
        group by p.case_no, p.decided_on
        union all
        select 'list_entry', l.entry_id,
            least(
                l.valid_until + 1,
                coalesce(l.removed_on, date '9999-12-31'),
                coalesce(min(r.decided_on), date '9999-12-31')
            )
        from t_listing as l left join t_repair as r on r.entry_id = l.entry_id and r.decision = 'granted' and r.decided_on <= getvariable('as_of')
        group by l.entry_id, l.valid_until, l.removed_on
    )

select s.record_kind, s.record_no
from shown as s join must_end as m using (record_kind, record_no)
where
    s.displayed_on <= getvariable('as_of') and s.display_state = 'shown' and m.ends_on <= getvariable('as_of') - 15;
