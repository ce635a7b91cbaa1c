-- One row per penalty case (处罚案件), latest state.
{{ config(materialized="view") }} {{ standing(ref("int_inspection__penalty_last_sent")) }}
