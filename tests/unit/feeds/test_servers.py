"""What a contract may say of servers, and what it is told when it says something else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.feeds.cursors import Cursor, parse_cursor
from ingest.feeds.model import ContractError
from ingest.feeds.servers import Database, Interface
from ingest.pulls.cursor import Window, condition
from tests.support.pulled_feed import properties, pulled_feed

DATABASE = {"server": "frontdb", "type": "postgres", "host": "10.1.2.3", "database": "exchange", "schema": "public"}
API = {"server": "platform", "type": "api", "location": "https://exchange.example/api/checks"}


def database(**custom: Any) -> dict[str, Any]:
    return {**DATABASE, "customProperties": properties(**{"table": "checks", **custom})}


def api(**custom: Any) -> dict[str, Any]:
    return {**API, "customProperties": properties(**custom)}


def test_a_feed_without_servers_is_pulled_from_nowhere(tmp_path: Path) -> None:
    assert pulled_feed(tmp_path).pulls == ()


def test_a_database_is_read_from_the_contract(tmp_path: Path) -> None:
    feed = pulled_feed(tmp_path, database(cursor={"column": "gxsj", "overlap": "6 h"}))
    [server] = feed.pulls
    assert isinstance(server, Database)
    assert (server.kind, server.host, server.port, server.schema) == ("postgres", "10.1.2.3", 5432, "public")
    assert server.cursor == Cursor("gxsj", back=timedelta(hours=6))
    assert feed.format == "csv"  # the landing stays what it is


def test_an_interface_is_read_from_the_contract(tmp_path: Path) -> None:
    pages = {"style": "number", "parameter": "page", "size": 100}
    token = {"in": "header", "name": "X-Token"}
    [server] = pulled_feed(tmp_path, api(pages=pages, token=token, rate=2, total="data.total")).pulls
    assert isinstance(server, Interface)
    assert (server.pages.first, server.pages.size, server.rate) == (1, 100, 2)
    assert server.place == "https://exchange.example/api/checks"


def test_one_feed_may_have_several_servers(tmp_path: Path) -> None:
    assert [s.name for s in pulled_feed(tmp_path, database(), api()).pulls] == ["frontdb", "platform"]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({**database(), "type": "postgre"}, "type 'postgre' 不支持"),
        ({**database(), "server": "前置库"}, "小写字母开头"),
        ({**database(), "host": None}, "缺少 host 或 database"),
        ({**database(), "port": "abc"}, "不是端口号"),
        (database(table=None), "table 或 query"),
        (database(query="select 1"), "只能有一个"),
        (database(table=None, query="delete from checks"), "以 select 或 with 开头"),
        (database(cursor="updated_at"), "cursor 写成"),
        (database(cursor={"column": "a", "overlap": "two days"}), "看不懂"),
        (database(password="x"), "放进环境变量或 secrets.env"),
        (database(tables="x"), "不认识 tables"),
        (database(tls="yes"), "verify 或 require"),
        (database(tls="verify"), "要写 caFile"),
        (database(tls="require", caFile="/ca.pem"), "证书不会被核验"),
        ({**database(tls="require", url="mysql+pymysql://h/d"), "type": "sqlalchemy"}, "写进 url 的参数"),
        ({**database(), "type": "sqlalchemy"}, "要在 customProperties 里写 url"),
        ({**database(url="dm+dmPython://u:secret@h/"), "type": "sqlalchemy"}, "url 里不能写口令"),
        ({**database(url="dm+dmPython://h/?password=x"), "type": "sqlalchemy"}, "url 里不能写口令"),
        ({**api(), "location": "ftp://x"}, "http:// 或 https://"),
        ({**api(), "location": "https://u:p@x/y"}, "不能写密钥"),
        ({**api(), "location": "https://x/y?token=1"}, "不能写密钥"),
        (api(parameters={"access_token": "x"}), "像是密钥"),
        (api(headers={"Authorization": "x"}), "像是密钥"),
        (api(pages={"style": "page"}), "pages.style"),
        (api(pages={"style": "none", "size": 3}), "不认识 size"),
        (api(token={"in": "cookie"}), "token.in"),
        (api(token={"in": "header"}), "要写 name"),
        (api(token={"in": "bearer", "url": "http://x/token"}), "须用 https"),
        (api(window={"to": "end"}), "window 写成"),
        (api(window={"from": "a", "overlap": "5 ids"}), "须为时间"),
        (api(rate=-1), "须为正数"),
        (api(success={"path": "code"}), "success 写成"),
        (api(method="DELETE"), "GET 或 POST"),
    ],
)
def test_what_cannot_be_used_is_said_with_file_server_and_what_to_change(
    tmp_path: Path, entry: dict[str, Any], said: str
) -> None:
    given = {**entry, "customProperties": [p for p in entry["customProperties"] if p["value"] is not None]}
    with pytest.raises(ContractError) as error:
        pulled_feed(tmp_path, given)
    assert "yjgl/check.yaml" in str(error.value)
    assert said in str(error.value)
    assert "secret@" not in str(error.value)


def test_the_guide_s_example_is_a_good_contract(tmp_path: Path) -> None:
    guide = (Path(__file__).resolve().parents[3] / "ingest" / "pulls" / "README.md").read_text("utf-8")
    block = guide.split("## Add a pull", 1)[1].split("```yaml\n", 1)[1].split("```", 1)[0]
    landing, *servers = yaml.safe_load(block)["servers"]
    assert landing["type"] == "local"
    assert [s.name for s in pulled_feed(tmp_path, *servers).pulls] == ["frontdb", "dm", "platform"]


def test_two_servers_of_one_name_would_share_their_secrets(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="frontdb 重复"):
        pulled_feed(tmp_path, database(), database())


def test_the_next_pull_begins_before_where_the_last_one_ended() -> None:
    assert parse_cursor("t", "2 d").lower("2026-11-20 09:00:00.5") == "2026-11-18 09:00:00.500000"
    assert parse_cursor("t", "2 d").lower("2026-11-20") == "2026-11-18 00:00:00"
    assert parse_cursor("id", "1000 ids").lower("2500") == "1500"


def test_rows_without_a_cursor_are_in_every_window() -> None:
    assert condition('"t"', Window()) == "1 = 1"
    assert condition('"t"', Window("2026-11-18 00:00:00")) == '(("t" >= \'2026-11-18 00:00:00\') or "t" is null)'
    assert condition("id", Window("5", "9")) == "((id >= 5 and id < 9) or id is null)"
