-- One row per payment (缴款书) of a penalty case, as reported; all versions.
{{ stage_feed("yjgl.penalty_payment") }}
