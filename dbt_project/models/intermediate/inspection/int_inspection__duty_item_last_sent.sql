-- One row per item of a duty list (主体责任清单) as it was last sent, withdrawn or not; carried from build to build. Two
-- million in a whole city, so only what models need is in it.
{{ last_sent(ref("stg_yjgl__duty_item"), ["record_id"], ["due_on", "fulfilment"]) }}
