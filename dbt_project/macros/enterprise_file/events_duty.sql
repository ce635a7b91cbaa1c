{#- Chapters of an enterprise's file: what it does and has itself, and what others tell of it. -#}
{% macro enterprise_file_own_duty() -%}
    {%- set self_checks -%}
        select *, 'yjgl' as department_code, 'yjgl.self_check' as source_feed from {{ ref("int_inspection__self_check_latest") }}
    {%- endset -%}
    {{
        return(
            [
                {
                    "name": "self_check",
                    "feed": "yjgl.self_check",
                    "rows": self_checks,
                    "entity": "entity_id",
                    "id": "check_id",
                    "by": "month",
                    "events": [
                        {
                            "kind": "self_check",
                            "on": "checked_on",
                            "what": "本月自查 {count(*)} 次，发现隐患 {sum(hazards_found)} 处",
                            "more": [
                                ["sum(major_hazards_found) > 0", "（重大 {sum(major_hazards_found)} 处）"],
                                ["sum(hazards_found) > 0", "，已整改 {sum(hazards_rectified)} 处"],
                            ],
                        },
                    ],
                },
                {
                    "name": "risk_report",
                    "feed": "yjgl.risk_report",
                    "id": "report_id",
                    "events": [
                        {
                            "kind": "risk_report",
                            "on": "submitted_on",
                            "what": "报送 {report_year} 年风险报告（{report_kind:name}）：风险点 {risk_points} 个，较大以上 {relatively_major_risks} 个，{review_status:name}",
                            "more": [["submitted_on > due_on", "，超过应报日期"]],
                        },
                    ],
                },
                {
                    "name": "risk_source",
                    "feed": "yjgl.risk_source",
                    "id": "risk_source_id",
                    "by": "month",
                    "events": [
                        {
                            "kind": "risk_identified",
                            "on": "identified_on",
                            "what": "本月辨识风险源 {count(*)} 个",
                            "more": [
                                [
                                    "count(case when risk_level in ('red', 'orange') then 1 end) > 0",
                                    "，其中较大以上 {count(case when risk_level in ('red', 'orange') then 1 end)} 个",
                                ],
                            ],
                        },
                    ],
                },
                {
                    "name": "duty",
                    "feed": "yjgl.duty_item",
                    "id": "record_id",
                    "by": "quarter",
                    "events": [
                        {
                            "kind": "duty_items",
                            "on": "due_on",
                            "where": "fulfilment <> 'not_applicable'",
                            "what": "本季到期主体责任 {count(*)} 项，已落实 {count(case when fulfilment = 'done' then 1 end)} 项，核验不通过 {count(case when review_result = 'failed' then 1 end)} 项",
                        },
                    ],
                },
                {
                    "name": "alarm",
                    "feed": "yjgl.sensor_alarm",
                    "id": "summary_id",
                    "by": "month",
                    "events": [
                        {
                            "kind": "alarms",
                            "on": "alarm_on",
                            "where": "alarms > 0",
                            "what": "本月重大危险源报警 {sum(alarms)} 次（高高、低低报 {sum(high_alarms)} 次），已处置 {sum(alarms_handled)} 次",
                        },
                    ],
                },
                {
                    "name": "plan",
                    "feed": "yjgl.emergency_plan",
                    "id": "plan_id",
                    "events": [
                        {
                            "kind": "plan_filed",
                            "on": "filed_on",
                            "what": "{plan_kind:name}备案，有效期至 {valid_until}",
                            "more": [["revised_on > filed_on", "，{revised_on} 修订"]],
                        },
                    ],
                },
                {
                    "name": "drill",
                    "feed": "yjgl.drill",
                    "id": "drill_id",
                    "events": [
                        {
                            "kind": "drill",
                            "on": "held_on",
                            "what": "{drill_kind:name}（{drill_form:name}），{participants} 人参加",
                            "more": [
                                [
                                    "problems_found > 0",
                                    "，发现问题 {problems_found} 个，已改 {problems_rectified} 个",
                                ],
                                ["assessment is not null", "，评估{assessment:name}"],
                            ],
                            "amount": "cost_yuan",
                        },
                    ],
                },
                {
                    "name": "team",
                    "feed": "yjgl.rescue_team",
                    "id": "team_id",
                    "events": [
                        {
                            "kind": "team_founded",
                            "on": "founded_on",
                            "what": "组建{team_kind:name}，现有 {members} 人",
                        },
                    ],
                },
                {
                    "name": "material",
                    "feed": "yjgl.emergency_material",
                    "id": "material_id",
                    "by": "month",
                    "events": [
                        {
                            "kind": "materials_stocked",
                            "on": "updated_at",
                            "what": "盘点代储的应急物资 {count(*)} 种；金额为物资价值",
                            "amount": "sum(amount_yuan)",
                        },
                    ],
                },
                {
                    "name": "house",
                    "feed": "fcj.selfbuilt_house_assessment",
                    "id": "assessment_no",
                    "events": [
                        {
                            "kind": "house_assessed",
                            "on": "assessed_on",
                            "what": "经营用自建房评估为{grade:name}，处置措施{measure:name}",
                            "more": [["disposed_on is not null", "，{disposed_on} 处置完成"]],
                        },
                    ],
                },
            ]
        )
    }}
{%- endmacro %}

{% macro enterprise_file_equipment() -%}
    {{
        return(
            [
                {
                    "name": "equipment",
                    "feed": "scjg.special_equipment",
                    "id": "equipment_code",
                    "by": "month",
                    "events": [
                        {
                            "kind": "equipment_in_use",
                            "on": "in_use_since",
                            "what": "本月投用特种设备 {count(*)} 台（套）",
                        },
                        {
                            "kind": "equipment_inspected",
                            "on": "inspected_on",
                            "what": "本月检验特种设备 {count(*)} 台（套）",
                            "more": [
                                [
                                    "count(case when inspection_result = 'failed' then 1 end) > 0",
                                    "，不合格 {count(case when inspection_result = 'failed' then 1 end)} 台（套）",
                                ],
                            ],
                        },
                    ],
                },
                {
                    "name": "vehicle",
                    "feed": "jtys.key_vehicle",
                    "id": "plate_no",
                    "by": "month",
                    "events": [
                        {
                            "kind": "vehicles_registered",
                            "on": "first_registered_on",
                            "what": "本月登记两客一危一货车辆 {count(*)} 辆，其中已接入动态监控 {count(case when is_monitored then 1 end)} 辆",
                        },
                    ],
                },
                {
                    "name": "fleet_audit",
                    "feed": "jtys.fleet_audit",
                    "id": "audit_no",
                    "events": [
                        {
                            "kind": "fleet_audited",
                            "on": "audited_on",
                            "what": "运输企业保险安全审计得 {score:short} 分，车辆 {vehicles} 辆",
                            "more": [
                                ["violations > 0", "，交通违法 {violations} 次"],
                                ["speeding_alarms > 0", "，超速报警 {speeding_alarms} 次"],
                                ["fatigue_alarms > 0", "，疲劳驾驶报警 {fatigue_alarms} 次"],
                            ],
                        },
                    ],
                },
                {
                    "name": "vessel",
                    "feed": "nyncj.fishing_vessel",
                    "id": "vessel_no",
                    "by": "month",
                    "events": [
                        {
                            "kind": "vessels_built",
                            "on": "built_on",
                            "what": "现在经营的渔船有 {count(*)} 艘在本月建造完工",
                        },
                        {
                            "kind": "vessel_certificates_expired",
                            "on": add_days("certificate_valid_until", 1),
                            "where": "vessel_status <> 'scrapped'",
                            "what": "本月有 {count(*)} 艘渔船的检验证书到期，没有续期",
                        },
                    ],
                },
                {
                    "name": "waste",
                    "feed": "sthj.waste_manifest",
                    "id": "manifest_no",
                    "by": "month",
                    "events": [
                        {
                            "kind": "waste_shipped",
                            "on": "shipped_on",
                            "where": "manifest_status <> 'void'",
                            "what": "本月转移危险废物 {count(*)} 批，{sum(shipped_kg) / 1000:short} 吨",
                        },
                    ],
                },
                {
                    "name": "waybill",
                    "feed": "jtys.hazmat_waybill",
                    "id": "waybill_no",
                    "by": "month",
                    "events": [
                        {
                            "kind": "hazmat_shipped",
                            "on": "loaded_at",
                            "where": "waybill_status <> 'cancelled'",
                            "what": "本月承运危险货物 {count(*)} 单，{sum(quantity_tonnes):short} 吨",
                        },
                    ],
                },
            ]
        )
    }}
{%- endmacro %}

{% macro enterprise_file_signals() -%}
    {{
        return(
            [
                {
                    "name": "tip",
                    "subject": "tip",
                    "id": "tip_id",
                    "events": [
                        {"kind": "tip", "on": "received_at", "what": "被举报（{channel:name}，{category:name}）"},
                        {
                            "kind": "tip_closed",
                            "on": "closed_on",
                            "what": "{cast(received_at as date)} 的举报办结",
                            "more": [["is_verified", "，属实"], ["not is_verified", "，不属实"]],
                        },
                    ],
                },
                {
                    "name": "work_order",
                    "subject": "work_order",
                    "id": "order_id",
                    "events": [
                        {
                            "kind": "order_issued",
                            "on": "issued_at",
                            "what": "交办工单 {order_id}，限 {cast(due_at as date)} 前办结",
                        },
                        {
                            "kind": "order_closed",
                            "on": "closed_at",
                            "what": "工单 {order_id} 办结",
                            "more": [["closed_at > due_at", "，超过时限"]],
                        },
                    ],
                },
            ]
        )
    }}
{%- endmacro %}
