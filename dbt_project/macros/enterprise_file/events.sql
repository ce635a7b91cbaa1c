{#- What the file of an enterprise (一企一档) tells, declared once. A source is a subject's or a feed's latest rows, or
    `rows`; `id` names a row; `entity` the column that says whose it is, where it is not the row's own mention. An event
    has a kind, `on` its day, `what` a sentence (macros/enterprise_file/sentences.sql), `amount` in yuan, `where`; `by` gathers the
    rows of a period into one event, where a single row is too small to be told, or is about a person.
    Nothing personal and no department's free text is told: a person may stand in it. -#}
{#- Kind of event → its Chinese name and its chapter of the file. -#}
{% macro enterprise_file_kinds() -%}
    {{
        return(
            {
                "registered": ["登记成立", "登记许可"],
                "registration_changed": ["登记变更", "登记许可"],
                "key_listed": ["列入重点监管", "登记许可"],
                "key_delisted": ["移出重点监管", "登记许可"],
                "standardised": ["标准化达标", "登记许可"],
                "standardisation_revoked": ["标准化撤销", "登记许可"],
                "standardisation_expired": ["标准化到期", "登记许可"],
                "permit_issued": ["民爆许可", "登记许可"],
                "industrial_year": ["规上工业台账", "登记许可"],
                "site_started": ["工地开工", "登记许可"],
                "complex_opened": ["综合体开业", "登记许可"],
                "inspected": ["检查", "检查执法"],
                "hazard_found": ["发现隐患", "检查执法"],
                "hazard_extended": ["隐患延期", "检查执法"],
                "hazard_rectified": ["隐患整改", "检查执法"],
                "hazard_rechecked": ["隐患复查", "检查执法"],
                "hazard_closed": ["隐患销号", "检查执法"],
                "hazard_listed": ["挂牌督办", "检查执法"],
                "hazard_delisted": ["解除挂牌督办", "检查执法"],
                "case_filed": ["立案", "检查执法"],
                "penalty_decided": ["处罚决定", "检查执法"],
                "penalty_paid": ["缴纳罚没款", "检查执法"],
                "penalty_overdue": ["罚没款逾期未缴", "检查执法"],
                "suspended": ["停产停业整顿", "检查执法"],
                "suspension_expired": ["停产停业到期待核", "检查执法"],
                "resumed": ["恢复生产经营", "检查执法"],
                "closure_proposed": ["提请关闭", "检查执法"],
                "closed_down": ["决定关闭", "检查执法"],
                "transferred": ["移送司法机关", "检查执法"],
                "case_closed": ["案件结案", "检查执法"],
                "overload_case": ["超限超载", "检查执法"],
                "accident": ["事故", "事故"],
                "accident_closed": ["事故结案", "事故"],
                "measures_issued": ["提出整改措施", "事故"],
                "measures_done": ["完成整改措施", "事故"],
                "measures_overdue": ["整改措施逾期", "事故"],
                "fire": ["火灾", "事故"],
                "work_injury": ["工伤认定", "事故"],
                "occupational_disease": ["职业病报告", "事故"],
                "policy_signed": ["投保", "保险"],
                "policy_cancelled": ["退保", "保险"],
                "cover_ended": ["脱保", "保险"],
                "cover_missing": ["未参保", "保险"],
                "claim_reported": ["出险报案", "保险"],
                "claim_settled": ["赔案结案", "保险"],
                "service": ["预防服务", "保险"],
                "credit_points": ["信用计分", "信用"],
                "colour_changed": ["信用颜色变化", "信用"],
                "list_entered": ["列入名单", "信用"],
                "list_removed": ["移出名单", "信用"],
                "repair_applied": ["申请信用修复", "信用"],
                "display_begun": ["信用平台公示", "信用"],
                "display_ended": ["信用平台撤下", "信用"],
                "repair_decided": ["信用修复决定", "信用"],
                "commitment": ["信用承诺", "信用"],
                "commitment_breached": ["违背承诺", "信用"],
                "self_check": ["企业自查", "风险与自查"],
                "risk_report": ["风险报告", "风险与自查"],
                "risk_identified": ["辨识风险源", "风险与自查"],
                "duty_items": ["主体责任清单", "风险与自查"],
                "alarms": ["重大危险源报警", "风险与自查"],
                "plan_filed": ["预案备案", "风险与自查"],
                "drill": ["应急演练", "风险与自查"],
                "team_founded": ["组建救援队伍", "风险与自查"],
                "materials_stocked": ["代储应急物资", "风险与自查"],
                "house_assessed": ["自建房评估", "风险与自查"],
                "equipment_in_use": ["特种设备投用", "设备与运输"],
                "equipment_inspected": ["特种设备检验", "设备与运输"],
                "vehicles_registered": ["车辆登记", "设备与运输"],
                "fleet_audited": ["运输安全审计", "设备与运输"],
                "vessels_built": ["渔船建造完工", "设备与运输"],
                "vessel_certificates_expired": ["渔船检验证书到期", "设备与运输"],
                "waste_shipped": ["危险废物转移", "设备与运输"],
                "hazmat_shipped": ["危险货物运输", "设备与运输"],
                "tip": ["举报", "举报与工单"],
                "tip_closed": ["举报办结", "举报与工单"],
                "order_issued": ["交办工单", "举报与工单"],
                "order_closed": ["工单办结", "举报与工单"],
            }
        )
    }}
{%- endmacro %}

{% macro enterprise_file_sources() -%}
    {%- set found = [] -%}
    {%- for chapter in [
        enterprise_file_register(),
        enterprise_file_supervision(),
        enterprise_file_accidents(),
        enterprise_file_insurance(),
        enterprise_file_credit(),
        enterprise_file_own_duty(),
        enterprise_file_equipment(),
        enterprise_file_signals(),
    ] -%}
        {%- for source in chapter -%} {%- do found.append(source) -%} {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro enterprise_file_register() -%}
    {{
        return(
            [
                {
                    "name": "registration",
                    "rows": "select *, split_part(source_feed, '.', 1) as department_code from "
                    ~ ref("dim_enterprise_history"),
                    "entity": "entity_id",
                    "id": "state_key",
                    "events": [
                        {
                            "kind": "registered",
                            "on": "established_on",
                            "where": "state_number = 1",
                            "what": "登记成立：{enterprise_name}，{entity_kind_name}",
                            "more": [
                                ["industry_name is not null", "，{industry_name}"],
                                ["street_name is not null", "，在{district_name}{street_name}"],
                            ],
                            "amount": "registered_capital_yuan",
                        },
                        {
                            "kind": "registration_changed",
                            "on": "valid_from",
                            "where": "state_number > 1",
                            "what": "变更{changes}",
                            "more": [
                                ["former_name <> enterprise_name", "，由“{former_name}”改称“{enterprise_name}”"],
                                [
                                    "changes like '%所在区%' or changes like '%街镇%'",
                                    "，现在{district_name}{street_name}",
                                ],
                                ["changes like '%登记状态%'", "，现为{status_name}"],
                                ["changes like '%注册资本%'", "，注册资本 {registered_capital_yuan:wan} 万元"],
                            ],
                        },
                    ],
                },
                {
                    "name": "key_listing",
                    "feed": "yjgl.key_supervision_list",
                    "id": "list_entry_id",
                    "events": [
                        {"kind": "key_listed", "on": "listed_on", "what": "列入重点监管名单：{key_type:name}"},
                        {"kind": "key_delisted", "on": "delisted_on", "what": "移出重点监管名单：{key_type:name}"},
                    ],
                },
                {
                    "name": "certificate",
                    "feed": "yjgl.standardization",
                    "id": "certificate_no",
                    "events": [
                        {
                            "kind": "standardised",
                            "on": "granted_on",
                            "what": "取得安全生产标准化{level:name}证书，有效期至 {valid_until}",
                        },
                        {
                            "kind": "standardisation_revoked",
                            "on": "revoked_on",
                            "what": "被撤销标准化{level:name}证书",
                        },
                        {
                            "kind": "standardisation_expired",
                            "on": add_days("valid_until", 1),
                            "where": "revoked_on is null or revoked_on > valid_until",
                            "what": "标准化{level:name}证书到期",
                        },
                    ],
                },
                {
                    "name": "permit",
                    "feed": "gaj.explosive_permit",
                    "id": "permit_no",
                    "events": [
                        {
                            "kind": "permit_issued",
                            "on": "issued_on",
                            "what": "取得民用爆炸物品{permit_kind:name}，有效期至 {valid_until}，现{permit_status:name}",
                        },
                    ],
                },
                {
                    "name": "industrial",
                    "feed": "gxj.industrial_enterprise",
                    "id": "record_no",
                    "events": [
                        {
                            "kind": "industrial_year",
                            "on": "cast(concat(cast(year as varchar), '-12-31') as date)",
                            "what": "{year} 年规上工业台账：从业 {employees} 人，年末{operation:name}；金额为工业总产值",
                            "amount": "output_yuan",
                        },
                    ],
                },
                {
                    "name": "site",
                    "feed": "cjw.construction_site",
                    "id": "project_code",
                    "events": [
                        {
                            "kind": "site_started",
                            "on": "started_on",
                            "what": "承建的{project_kind:name}工地开工，危大工程 {dangerous_works} 项，计划 {planned_end_on} 竣工；金额为合同造价",
                            "amount": "contract_price_yuan",
                        },
                    ],
                },
                {
                    "name": "complex",
                    "feed": "swt.commercial_complex",
                    "id": "complex_no",
                    "events": [
                        {
                            "kind": "complex_opened",
                            "on": "opened_on",
                            "what": "经营的商业综合体开业，建筑面积 {floor_area_m2:short} 平方米",
                        },
                    ],
                },
            ]
        )
    }}
{%- endmacro %}

{% macro enterprise_file_accidents() -%}
    {%- set accidents -%}
        select accident.*, latest.department_code, latest.source_feed
        from {{ ref("fct_accident") }} as accident
        inner join {{ ref("int_accident__latest") }} as latest on accident.accident_id = latest.accident_id
    {%- endset -%}
    {{
        return(
            [
                {
                    "name": "accident",
                    "subject": "accident",
                    "rows": accidents,
                    "entity": "entity_id",
                    "id": "accident_id",
                    "events": [
                        {
                            "kind": "accident",
                            "on": "occurred_on",
                            "what": "发生{accident_domain_name}事故",
                            "more": [
                                ["accident_type_name is not null", "（{accident_type_name}）"],
                                ["1 = 1", "，死亡 {deaths} 人，重伤 {serious_injuries} 人，{grade_name}"],
                                ["is_concealed", "，瞒报"],
                                ["not is_statistical", "；不计入统计：{exclusion_reason}"],
                                ["direct_loss_yuan is not null", "；金额为直接经济损失"],
                            ],
                            "amount": "direct_loss_yuan",
                        },
                        {"kind": "accident_closed", "on": "closed_on", "what": "{occurred_on} 的事故结案"},
                    ],
                },
                {
                    "name": "measure",
                    "feed": "yjgl.corrective_measure",
                    "rows": "select *, 'yjgl' as department_code, 'yjgl.corrective_measure' as source_feed from "
                    ~ ref("fct_corrective_measure")
                    ~ " where responsible_party = 'enterprise' and entity_id is not null",
                    "entity": "entity_id",
                    "id": "measure_id",
                    "by": "month",
                    "events": [
                        {
                            "kind": "measures_issued",
                            "on": "issued_on",
                            "what": "事故调查提出应由本单位落实的整改措施 {count(*)} 条",
                        },
                        {"kind": "measures_done", "on": "done_on", "what": "完成事故整改措施 {count(*)} 条"},
                        {
                            "kind": "measures_overdue",
                            "on": add_days("due_on", 1),
                            "where": "is_overdue",
                            "what": "事故整改措施 {count(*)} 条过了完成期限仍未完成",
                        },
                    ],
                },
                {
                    "name": "fire",
                    "feed": "xfjy.fire_incident",
                    "id": "incident_no",
                    "events": [
                        {
                            "kind": "fire",
                            "on": "alarm_at",
                            "what": "发生火灾（{place_kind:name}，{cause:name}），死亡 {deaths} 人，受伤 {injuries} 人，过火 {burnt_area_sqm:short} 平方米",
                            "amount": "direct_loss_yuan",
                        },
                    ],
                },
                {
                    "name": "injury",
                    "feed": "rsj.work_injury",
                    "id": "injury_case_no",
                    "by": "quarter",
                    "events": [
                        {
                            "kind": "work_injury",
                            "on": "decided_on",
                            "where": "decision in ('granted', 'deemed')",
                            "what": "本季认定或视同工伤 {count(*)} 件",
                            "amount": "sum(fund_paid_yuan)",
                        },
                    ],
                },
                {
                    "name": "disease",
                    "feed": "wjw.occupational_disease",
                    "id": "card_no",
                    "by": "year",
                    "events": [
                        {
                            "kind": "occupational_disease",
                            "on": "reported_on",
                            "what": "本年报告职业病（含疑似）{count(*)} 例",
                        },
                    ],
                },
            ]
        )
    }}
{%- endmacro %}
