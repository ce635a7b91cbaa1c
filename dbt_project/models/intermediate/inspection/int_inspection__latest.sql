-- One row per inspection (检查) of a department, latest state.
{{ config(materialized="view") }} {{ standing(ref("int_inspection__last_sent")) }}
