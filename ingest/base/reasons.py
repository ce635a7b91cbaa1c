"""Why a row or a file is refused, and what is repaired instead: one declaration for judge, ledger, reports and tests.

Dimensions are those of GB/T 36344-2018 (规范性 conformity, 完整性 completeness, 准确性 accuracy, 一致性 consistency,
时效性 timeliness, 可访问性 accessibility).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingest.base.errors import ShownError


@dataclass(frozen=True)
class Reason:
    """One reason of refusal: its code, Chinese label, quality dimension and what the sender should do."""

    code: str
    label: str
    dimension: str
    remedy: str


@dataclass(frozen=True)
class Repair:
    """One kind of change that is made to a value that is then accepted; counted, never silent."""

    code: str
    label: str
    bit: int


class RefusedFile(ShownError):
    """A file that is refused whole.

    Args:
        code: one of FILE_REASONS.
        detail: what was found and where (byte offset, line, header).
        records: data records that could be seen in it; all of them count as received and refused.
        is_meant: some of the contract's headers were there, so that it is a delivery gone wrong and no other paper.
    """

    def __init__(self, code: str, detail: str, records: int = 0, is_meant: bool = False) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.records = records
        self.is_meant = is_meant
        self.difference: dict[str, Any] | None = (
            None  # what drift found; may hold content, for the note beside the file
        )


FILE_REASONS = {
    r.code: r
    for r in (
        Reason(
            "FILE_UNKNOWN",
            "文件不属于任何已登记的数据",
            "conformity",
            "请核对目录与文件名是否符合合同；新数据请先登记合同（ingest/contracts/README.md）。",
        ),
        Reason("FILE_EMPTY", "文件是空的", "completeness", "请重新导出并报送；当天无数据时请报只含表头的文件。"),
        Reason(
            "FILE_UNREADABLE",
            "文件打不开",
            "accessibility",
            "文件已损坏或不是约定的格式，请用原系统重新导出并报送。",
        ),
        Reason("FILE_ENCRYPTED", "文件加了密码", "accessibility", "请去掉打开密码后重新报送（工作表保护不必取消）。"),
        Reason(
            "ARCHIVE_UNSAFE",
            "压缩包不安全",
            "accessibility",
            "请只压缩要报送的数据文件，重新打包为普通 ZIP（不分卷、不嵌套）后报送。",
        ),
        Reason(
            "FILE_ENCODING",
            "文件编码与约定不符",
            "conformity",
            "请按合同约定的编码重新导出；若部门已改用别的编码，请先修改合同。",
        ),
        Reason(
            "FILE_TRUNCATED", "文件不完整（中途截断）", "completeness", "请确认导出与传输完成后，重新报送整个文件。"
        ),
        Reason(
            "RETURN_UNKNOWN",
            "不是退回更正工作簿",
            "conformity",
            "请用 jgt quarantine export 导出的工作簿更正，保留“退回编号”列，放回本部门的 退回更正/ 文件夹。",
        ),
        Reason(
            "HEADER_MISSING", "缺少必需的表头", "conformity", "请按合同补齐表头；若只是换了叫法，请在合同里加同义词。"
        ),
        Reason(
            "COLUMN_LOST",
            "以往一直报送的必需列不见了，该数据已停收",
            "consistency",
            "请补回该列重报；若确已改名或取消，运行 jgt feed accept 数据 查看差异并接受。",
        ),
        Reason(
            "TYPE_CHANGED",
            "一列的内容变成了另一种类型，该数据已停收",
            "consistency",
            "请按原来的写法重报；若确已改变，运行 jgt feed accept 数据 查看差异并接受。",
        ),
    )
}

ROW_REASONS = {
    r.code: r
    for r in (
        Reason("FIELD_COUNT", "字段个数与表头不一致", "conformity", "请检查该行是否多了或少了分隔符，改正后重报。"),
        Reason("UNCLOSED_QUOTE", "引号没有闭合", "conformity", "请补上或去掉该行的引号，改正后重报。"),
        Reason(
            "RECORD_SHAPE",
            "记录不是一层的“表头：值”",
            "conformity",
            "请去掉该记录里嵌套的对象、重复的键或残缺的字符，改正后重报。",
        ),
        Reason("TEXT_TOO_LONG", "一条记录超过 40 万字", "conformity", "请核对是否误贴了附件或少了换行，改正后重报。"),
        Reason("REQUIRED_MISSING", "必填项为空", "completeness", "请补填后重报该行。"),
        Reason(
            "USCC_CHECK",
            "统一社会信用代码校验不通过（GB 32100）",
            "accuracy",
            "请与营业执照核对（常见：字母 O/I 误作数字 0/1），改正后重报该行。",
        ),
        Reason("ID_CHECK", "身份证号校验不通过（GB 11643）", "accuracy", "请与证件核对，改正后重报该行。"),
        Reason("DATE_INVALID", "日期不存在或写法无法识别", "accuracy", "请改为 YYYY-MM-DD 的真实日期后重报该行。"),
        Reason("NUMBER_INVALID", "不是数字", "conformity", "请改为数字（单位按合同）后重报该行。"),
        Reason(
            "CODE_UNKNOWN", "代码不在代码表中", "conformity", "请改用合同所列的代码或名称；确需新增代码时请先修改合同。"
        ),
        Reason(
            "DIGITS_LOST",
            "长号码被电子表格改成了科学计数，末几位已丢失",
            "accuracy",
            "请把该列设为“文本”格式，从原系统重新导出后重报。",
        ),
        Reason("RANGE", "数值超出合理范围", "accuracy", "请核对数值与单位后重报该行。"),
        Reason("DATE_ORDER", "日期先后颠倒", "consistency", "请核对两个日期后重报该行。"),
        Reason(
            "REFERENCE_MISSING",
            "引用的记录尚未收到",
            "consistency",
            "对方数据到了会自动重判；逾期仍未到时，请核对编号，或请对方部门补报。",
        ),
        Reason(
            "REDRIVE_ID",
            "退回编号不符",
            "consistency",
            "请用 jgt quarantine export 重新导出，不要改动“退回编号”列，也不要改动无误的主键。",
        ),
    )
}

REASONS = {**FILE_REASONS, **ROW_REASONS}

UNKNOWN_KEPT = "UNKNOWN_KEPT"
REPAIRS = {
    r.code: r
    for r in (
        Repair("WHITESPACE_TRIMMED", "去除首尾空白", 1),
        Repair("FULLWIDTH_FOLDED", "全角转半角", 2),
        Repair("ZERO_PADDED", "补回丢失的前导零", 4),
        Repair("UNIT_CONVERTED", "按所写单位换算", 8),
        Repair("NUMBER_RESPELLED", "去除千分位、货币符号或单位字", 16),
        Repair("DATE_RESPELLED", "日期改为标准写法", 32),
        Repair("DISTRICT_SUCCEEDED", "撤并代码改为现行代码", 64),
        Repair("FLOAT_CODE", "代码去掉小数尾巴（5245.0）", 128),
        Repair("NUMBER_ROUNDED", "小数位数超出合同，四舍五入", 256),
        Repair("UPPERCASED", "代码里的小写字母改为大写", 512),
        Repair(UNKNOWN_KEPT, "代码表以外的代码，照样收下，计为未知", 1024),
    )
}

# Changes of a file's shape, not of a value.
SHAPE_CHANGES = {
    "EXTRA_COLUMN": "合同外的列，值另存在批次旁（lake/extra），jgt feed accept 后可补入",
    "COLUMN_MISSING": "合同里的可选列未报送，按空值入库",
    "SHEET_SKIPPED": "没有表头的工作表，未读",
    "SHEET_HIDDEN": "隐藏的工作表，未读",
    "MEMBER_SKIPPED": "压缩包里不是这份数据的文件，未读",
    "FORMAT_DIFFERS": "文件格式与合同不同，按实际格式读取",
    "FILLED_DOWN": "合并单元格的空白按上一行补齐（合同约定）",
    "HEADER_UNIT": "表头写明的单位与合同不同，按表头换算",
}


def worst_dimension(codes: list[str]) -> str:
    """The quality dimension a row with these reason codes is counted under: that of the first in order of declaration."""
    order = list(REASONS)
    return REASONS[min(codes, key=order.index)].dimension
