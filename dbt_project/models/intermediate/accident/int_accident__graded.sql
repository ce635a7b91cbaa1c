-- One row per accident: its grade (事故等级) by its latest report, under the rule in force on the day it occurred.
{{ graded(ref("int_accident__latest"), ["department_code", "accident_id"]) }}
