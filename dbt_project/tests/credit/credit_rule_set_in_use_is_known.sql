-- The rule set that var credit_rule_version names is in the seed, with its bands and consequences for the same colours.
-- Returns what is missing.
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
