-- The rule set that var credit_rule_version names is in the seed, with its bands and consequences for the same colours.
-- Every version's lowest band reaches down to its floor, else a score would have no colour. Returns what is missing.
select '变量 credit_rule_version 所选版本不在 credit_rule_set 中：{{ var("credit_rule_version") }}' as problem
where not exists (select 1 from {{ ref("int_credit__rule_set") }})
union all
select concat('颜色 ', coalesce(bands.colour, consequences.colour_code), ' 缺分档或后果') as problem
from
    (
        select colour from {{ ref("credit_colour_band") }} where rule_version = '{{ var("credit_rule_version") }}'
    ) as bands
full join {{ ref("int_credit__consequence") }} as consequences on consequences.colour_code = bands.colour
where bands.colour is null or consequences.colour_code is null
union all
select concat('规则版本 ', rule_sets.rule_version, ' 的最低分档高于封底分，低分没有颜色') as problem
from {{ ref("credit_rule_set") }} as rule_sets
left join
    (select rule_version, min(min_score) as lowest from {{ ref("credit_colour_band") }} group by rule_version) as bands
    on bands.rule_version = rule_sets.rule_version
where coalesce(bands.lowest > rule_sets.floor_score, 1 = 1)
