-- One row per reported state of one assessment of a self-built house (经营性自建房安全评估); all versions.
{{ stage_feed("fcj.selfbuilt_house_assessment") }}
