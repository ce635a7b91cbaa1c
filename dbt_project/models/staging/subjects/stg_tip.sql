-- One row per reported state of a tip (举报线索), all departments; all versions.
{{ unite_subject("tip") }}
