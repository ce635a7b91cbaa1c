-- What is counted although its code is on no list.
-- GB 6441 types of what is no road accident; what has no type, or one that is not on the list, is unknown
create table truth_accident_type as
select
    case when list_contains(getvariable('accident_types'), accident_type_code) then accident_type_code else 'unknown' end as item_code,
    count(*) as accidents,
    sum(deaths)::bigint as deaths
from t_accident
where is_statistical and accident_domain <> 'road'
group by 1;

-- a hazard of a level that is not on the list is found all the same, and neither major nor general
create table truth_hazard_level as
select
    count(*) as hazards_found,
    count(*) filter (level = 'major') as major_hazards_found,
    count(*) filter (level = 'general') as general_hazards_found,
    count(*) filter (level not in ('major', 'general')) as unknown_level_hazards_found
from t_hazard;
