"""Files of tokens by mini-program."""

from pathlib import Path

import pytest

from alipay_mini_audit import ValidationError
from alipay_mini_audit.batch.manifest.tokens_file import read_tokens

TOKENS = {"2021": "s3cret-1", "2022": "s3cret-2"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tokens.toml", '2021 = "s3cret-1"\n"2022" = "s3cret-2"\n'),
        ("tokens.toml", '[tokens]\r\n2021 = "s3cret-1"\r\n2022 = "s3cret-2"\r\n'),
        (
            "tokens.csv",
            "\ufeffmini_app;名称;app_auth_token\n2021;甲;s3cret-1\n2022;乙; s3cret-2 ;\n",
        ),
        ("tokens.tsv", "app_auth_token\tmini_app\ns3cret-1\t2021\ns3cret-2\t2022\n\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_tokens_by_mini_program(tmp_path: Path, name: str, text: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_bytes((text if encoding == "utf-8" else text.lstrip("\ufeff")).encode(encoding))
    assert read_tokens(path) == TOKENS


@pytest.mark.parametrize(
    ("name", "text", "places"),
    [
        ("tokens.toml", '2021 = "s3cret', ["tokens.toml"]),
        ("tokens.toml", '[s3cret]\n2021 = "a"', ["tokens.toml"]),
        ("tokens.toml", "2021 = 7", ["tokens.toml"]),
        ("tokens.csv", "2021,s3cret\n", ["tokens.csv"]),
        (
            "tokens.csv",
            "mini_app,app_auth_token\n2021,\n,s3cret\n2022,a\n2022,s3cret\n2022,a\n",
            ["tokens.csv:2", "tokens.csv:3", "tokens.csv:5"],
        ),
        ("tokens.csv", 'mini_app,app_auth_token\n2021,"s3cret\n', ["tokens.csv:2"]),
        ("tokens.json", "{}", ["tokens.json"]),
    ],
)
def test_what_is_wrong_is_told_without_any(
    tmp_path: Path, name: str, text: str, places: list[str]
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ValidationError) as caught:
        read_tokens(path)
    assert [each.path for each in caught.value.problems] == places
    assert {each.code for each in caught.value.problems} == {"tokens_unusable"}
    assert "s3cret" not in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValidationError) as caught:
        read_tokens(tmp_path / "tokens.csv")
    assert [each.code for each in caught.value.problems] == ["file_not_found"]
