-- One row per reported state of a task of a campaign (专项整治任务); all versions.
{{ stage_feed("khb.campaign_task") }}
