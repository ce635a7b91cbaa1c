-- One row per industry code of GB/T 4754-2017: section (letter), division (2 digits), class (4 digits).
select
    industry.code as industry_code,
    industry.name as industry_name,
    industry.level,
    industry.section_code,
    section.name as section_name,
    nullif(industry.division_code, '') as division_code,
    division.name as division_name
from {{ ref("code_industry") }} as industry
left join {{ ref("code_industry") }} as section on industry.section_code = section.code and section.level = 'section'
left join
    {{ ref("code_industry") }} as division on industry.division_code = division.code and division.level = 'division'
