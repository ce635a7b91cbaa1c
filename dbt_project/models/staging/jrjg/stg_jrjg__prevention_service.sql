-- One row per reported state of one prevention service (事故预防服务); all versions.
{{ stage_feed("jrjg.prevention_service") }}
