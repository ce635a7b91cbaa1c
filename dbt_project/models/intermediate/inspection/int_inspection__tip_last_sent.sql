-- One row per tip (举报线索) of a department as it was last sent, withdrawn or not; carried from build to build.
{{ last_sent(ref("stg_tip"), ["department_code", "tip_id"]) }}
