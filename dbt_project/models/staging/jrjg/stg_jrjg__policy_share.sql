-- One row per reported share of one company in one policy (共保份额); all versions.
{{ stage_feed("jrjg.policy_share") }}
