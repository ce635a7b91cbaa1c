{#- One enterprise's file: inspections, hazards, cases and overloads (检查执法). -#}
{% macro enterprise_file_supervision() -%}
    {{
        return(
            [
                {
                    "name": "inspection",
                    "subject": "inspection",
                    "rows": "select * from " ~ ref("int_inspection__latest"),
                    "id": "inspection_id",
                    "events": [
                        {
                            "kind": "inspected",
                            "on": "inspected_on",
                            "what": "{inspection_kind:name}，",
                            "more": [
                                ["hazards_found = 0", "未发现隐患"],
                                ["hazards_found > 0", "发现隐患 {hazards_found} 处"],
                                ["major_hazards_found > 0", "，其中重大 {major_hazards_found} 处"],
                                ["hazards_found is null", "隐患数未报"],
                                ["document_no is not null", "；文书 {document_no}"],
                            ],
                        },
                    ],
                },
                {
                    "name": "hazard",
                    "subject": "hazard",
                    "rows": "select hazard.*, "
                    ~ standing_rectification("hazard")
                    ~ " as standing_rectified_on from "
                    ~ ref("int_inspection__hazard_latest")
                    ~ " as hazard",
                    "id": "hazard_id",
                    "events": [
                        {
                            "kind": "hazard_found",
                            "on": "found_on",
                            "what": "发现{level:name}隐患",
                            "more": [
                                ["category is not null", "（{category}）"],
                                [
                                    "deadline_on is not null",
                                    "，限 {coalesce(original_deadline_on, deadline_on)} 前整改",
                                ],
                            ],
                        },
                        {
                            "kind": "hazard_extended",
                            "on": "extended_on",
                            "what": "{found_on} 发现的{level:name}隐患准予延期，整改期限由 {original_deadline_on} 改为 {deadline_on}",
                        },
                        {
                            "kind": "hazard_rectified",
                            "on": "standing_rectified_on",
                            "what": "{found_on} 发现的{level:name}隐患整改完成",
                            "more": [
                                ["standing_rectified_on <= deadline_on", "，在期限内"],
                                [
                                    "standing_rectified_on > deadline_on",
                                    "，超过期限 {" ~ days_between("deadline_on", "standing_rectified_on") ~ "} 天",
                                ],
                            ],
                        },
                        {
                            "kind": "hazard_rechecked",
                            "on": "rechecked_on",
                            "what": "复查 {found_on} 发现的{level:name}隐患：{recheck_result:name}",
                            "more": [
                                [
                                    "recheck_result = 'failed' and rectified_on <= rechecked_on",
                                    "，所报 {rectified_on} 的整改不算",
                                ],
                                ["recheck_document_no is not null", "；文书 {recheck_document_no}"],
                            ],
                        },
                        {
                            "kind": "hazard_closed",
                            "on": "closed_on",
                            "where": "listed_level is null",
                            "what": "{found_on} 发现的{level:name}隐患销号",
                        },
                        {
                            "kind": "hazard_listed",
                            "on": "coalesce(listed_on, found_on)",
                            "where": "listed_level is not null",
                            "what": "{found_on} 发现的{level:name}隐患由{listed_level:name}挂牌督办",
                            "more": [
                                ["listing_deadline_on is not null", "，限 {listing_deadline_on} 前整改"],
                                ["listing_no is not null", "；{listing_no}"],
                            ],
                        },
                        {
                            "kind": "hazard_delisted",
                            "on": "coalesce(delisted_on, closed_on)",
                            "where": "listed_level is not null",
                            "what": "{found_on} 发现的{level:name}隐患整改销号，解除{listed_level:name}挂牌督办",
                        },
                    ],
                },
                {
                    "name": "penalty",
                    "subject": "penalty",
                    "rows": "select * from " ~ ref("int_inspection__penalty_latest"),
                    "id": "case_no",
                    "events": [
                        {
                            "kind": "case_filed",
                            "on": "filed_on",
                            "what": "立案，案号 {case_no}",
                            "more": [["is_accident_penalty", "，事故处罚"]],
                        },
                        {
                            "kind": "penalty_decided",
                            "on": "decided_on",
                            "what": "处罚决定：{penalty_kind:name}",
                            "more": [
                                ["fine_yuan > 0", "，罚款 {fine_yuan:wan} 万元"],
                                ["confiscated_yuan > 0", "，没收 {confiscated_yuan:wan} 万元"],
                                ["decision_no is not null", "；{decision_no}"],
                            ],
                            "amount": "coalesce(fine_yuan, 0) + coalesce(confiscated_yuan, 0)",
                        },
                        {
                            "kind": "suspended",
                            "on": "suspension_from",
                            "what": "责令停产停业整顿，案件 {case_no}",
                            "more": [["suspension_until is not null", "，至 {suspension_until}"]],
                        },
                        {
                            "kind": "suspension_expired",
                            "on": add_days("suspension_until", 1),
                            "where": suspension_state("penalty") ~ " = 'expired'",
                            "what": "停产停业整顿期满，没有恢复生产经营的记录，待核，案件 {case_no}",
                        },
                        {"kind": "resumed", "on": "resumed_on", "what": "恢复生产经营，案件 {case_no}"},
                        {
                            "kind": "closure_proposed",
                            "on": "closure_proposed_on",
                            "what": "提请有关人民政府予以关闭，案件 {case_no}",
                        },
                        {
                            "kind": "closed_down",
                            "on": "closed_down_on",
                            "what": "有关人民政府决定关闭，案件 {case_no}",
                        },
                        {
                            "kind": "transferred",
                            "on": "transferred_on",
                            "what": "案件 {case_no} 移送司法机关",
                            "more": [["transfer_outcome is not null", "，{transfer_outcome:name}"]],
                        },
                        {"kind": "case_closed", "on": "closed_on", "what": "案件 {case_no} 结案"},
                    ],
                },
                {
                    "name": "payment",
                    "feed": "yjgl.penalty_payment",
                    "rows": "select payment.*, coalesce(announced.source_feed, penalty.source_feed) as source_feed from "
                    ~ ref("fct_penalty_payment")
                    ~ " as payment left join "
                    ~ ref("int_inspection__penalty_payment_latest")
                    ~ " as announced on payment.department_code = announced.department_code"
                    ~ " and payment.payment_no = announced.payment_no left join "
                    ~ ref("int_inspection__penalty_latest")
                    ~ " as penalty on payment.department_code = penalty.department_code and payment.case_no = penalty.case_no"
                    ~ " where payment.entity_id is not null",
                    "entity": "entity_id",
                    "id": "payment_no",
                    "events": [
                        {
                            "kind": "penalty_paid",
                            "on": "paid_on",
                            "what": "缴纳{money_kind:name}",
                            "more": [
                                ["instalments > 1", "（第 {instalment_no} 期，共 {instalments} 期）"],
                                ["is_paid_late", "，迟于应缴日期 {due_on}"],
                                ["late_fee_yuan > 0", "，另加处罚款 {late_fee_yuan:wan} 万元"],
                                ["case_no is not null", "，案件 {case_no}"],
                            ],
                            "amount": "paid_yuan",
                        },
                        {
                            "kind": "penalty_overdue",
                            "on": add_days("due_on", 1),
                            "where": "is_overdue",
                            "what": "应于 {due_on} 缴纳的{money_kind:name}逾期未缴，至今 {overdue_days} 天，案件 {case_no}",
                            "amount": "due_yuan",
                        },
                    ],
                },
                {
                    "name": "overload",
                    "feed": "jtys.overload_case",
                    "id": "case_no",
                    "events": [
                        {
                            "kind": "overload_case",
                            "on": "found_at",
                            "what": "运输车辆超限超载 {overload_percent:short}%",
                            "more": [
                                ["is_carrier_penalised", "，企业受罚"],
                                ["is_source_penalised", "，源头企业受罚"],
                                ["closed_on is not null", "，{closed_on} 结案"],
                            ],
                            "amount": "fine_yuan",
                        },
                    ],
                },
            ]
        )
    }}
{%- endmacro %}
