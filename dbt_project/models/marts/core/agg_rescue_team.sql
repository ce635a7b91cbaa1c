-- One row per area and kind of rescue team (应急救援队伍): teams and people as last reported. Every combination is there,
-- so 0 is a true 0; a kind that is not on the list is 未知.
with
    team as (
        select
            team.district_code,
            case
                when mention.district_code = team.district_code then mention.functional_zone_code
            end as functional_zone_code,
            case
                when team.team_kind in ('{{ code_labels()["yjgl.rescue_team"]["team_kind"].keys() | join("', '") }}')
                then team.team_kind
                else 'unknown'
            end as team_kind,
            team.team_level,
            team.members,
            team.vehicles,
            team.is_on_duty
        from ({{ latest_standing(ref("stg_yjgl__rescue_team"), ["team_id"]) }}) as team
        left join {{ ref("int_core__mention_entity") }} as mention on team._mention_key = mention.mention_key
        where team.founded_on is null or team.founded_on <= {{ as_of() }}
    ),

    by_team as ({{ by_area("team", ["team_kind", "team_level", "members", "vehicles", "is_on_duty"]) }}),

    kind as (
        {% for code, label in code_labels()["yjgl.rescue_team"]["team_kind"].items() %}
            select
                '{{ code }}' as team_kind,
                '{{ label }}' as team_kind_name,
                cast({{ loop.index }} as bigint) as team_kind_order
            union all
        {% endfor %}
        select 'unknown', '{{ var("unknown_name") }}', cast(99 as bigint)
    )

select
    area.area_code,
    kind.team_kind,
    area.area_name,
    area.area_level,
    area.area_order,
    kind.team_kind_name,
    kind.team_kind_order,
    count(by_team.team_kind) as teams,
    count(case when by_team.team_level = 'province' then 1 end) as provincial_teams,
    count(case when by_team.team_level = 'city' then 1 end) as city_teams,
    count(case when by_team.is_on_duty then 1 end) as on_duty_teams,
    cast(coalesce(sum(by_team.members), 0) as bigint) as members,
    cast(coalesce(sum(by_team.vehicles), 0) as bigint) as vehicles,
    {{ as_of() }} as as_of
from {{ ref("dim_district") }} as area
cross join kind
left join by_team on area.area_code = by_team.area_code and kind.team_kind = by_team.team_kind
group by
    area.area_code,
    kind.team_kind,
    area.area_name,
    area.area_level,
    area.area_order,
    kind.team_kind_name,
    kind.team_kind_order
