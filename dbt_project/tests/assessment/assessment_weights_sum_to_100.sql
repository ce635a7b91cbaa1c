-- Every rule version's weights sum to 100. Returns versions whose do not.
select rule_version, sum(weight) as weights
from {{ ref("assessment_indicator") }}
group by rule_version
having sum(weight) <> 100
