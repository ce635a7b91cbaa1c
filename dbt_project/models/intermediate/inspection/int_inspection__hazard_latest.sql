-- One row per hazard (隐患), latest state.
{{ config(materialized="view") }} {{ standing(ref("int_inspection__hazard_last_sent")) }}
