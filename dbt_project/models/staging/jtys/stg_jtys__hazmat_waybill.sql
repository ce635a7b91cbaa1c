-- One row per reported state of a waybill of hazardous goods (危货运单); all versions.
{{ stage_feed("jtys.hazmat_waybill") }}
