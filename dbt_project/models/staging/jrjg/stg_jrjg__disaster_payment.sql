-- One row per reported state of one batch of disaster payments (巨灾与民生保险赔付); all versions.
{{ stage_feed("jrjg.disaster_payment") }}
