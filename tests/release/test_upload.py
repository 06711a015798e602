"""`upload`: the archive under its own hash, once, and its key in the record, which keeps all else that it holds."""

import hashlib
import json
import stat

from tests.release import project
from tests.release.conftest import Stack
from tests.release.project import RECORD, Ran

DIGEST = f"sha256:{'1' * 64}"


def key_of(archive: bytes) -> str:
    return f"models/{hashlib.sha256(archive).hexdigest()}/model.tar.gz"


def versions(stack: Stack) -> int:
    return len(stack.client("s3").list_object_versions(Bucket=stack.bucket).get("Versions", []))


def test_upload_and_once_more(stack: Stack) -> None:
    archive = project.archive("a" * 100_000)
    key = key_of(archive)
    url = f"s3://{stack.bucket}/{key}"
    stack.project.write("model.tar.gz", archive)
    recorded = f"model {key} is in {RECORD}: commit it with the release\n"
    assert Ran(0, "", f"uploading 0.0 MB to {url}\n{recorded}") == stack.project.release("upload")
    assert archive == stack.client("s3").get_object(Bucket=stack.bucket, Key=key)["Body"].read()
    assert Ran(0, "", f"{url} is there already\n{recorded}") == stack.project.release("upload")
    assert versions(stack) == 1


def test_the_record_keeps_other_keys_and_their_order(stack: Stack) -> None:
    archive = project.archive("b")
    stack.project.write("model.tar.gz", archive)
    stack.project.write(RECORD, f'{{"zone": "ä", "model_key": null,\n"image_digest": "{DIGEST}", "a": [1, {{}}]}}')
    (stack.project.folder / RECORD).chmod(0o640)
    assert stack.project.release("upload").status == 0
    values = {"zone": "ä", "model_key": key_of(archive), "image_digest": DIGEST, "a": [1, {}]}
    assert json.dumps(values, indent=2, ensure_ascii=False) + "\n" == stack.project.read(RECORD)
    assert stat.S_IMODE((stack.project.folder / RECORD).stat().st_mode) == 0o640
    assert sorted(path.name for path in (stack.project.folder / "terraform").iterdir()) == [
        ".terraform",
        "release.auto.tfvars.json",
        "terraform.tfvars",
    ]


def test_another_model_has_another_key(stack: Stack) -> None:
    keys = []
    for content in ("one", "two", "one"):
        stack.project.write("model.tar.gz", project.archive(content))
        assert stack.project.release("upload").status == 0
        keys.append(json.loads(stack.project.read(RECORD))["model_key"])
    assert (keys[0], 2, 2) == (keys[2], len(set(keys)), versions(stack))


def test_an_object_of_another_size_is_replaced(stack: Stack) -> None:
    archive = project.archive("c")
    key = key_of(archive)
    s3 = stack.client("s3")
    s3.put_object(Bucket=stack.bucket, Key=key, Body=b"half of it")
    stack.project.write("model.tar.gz", archive)
    assert stack.project.release("upload").status == 0
    assert archive == s3.get_object(Bucket=stack.bucket, Key=key)["Body"].read()


def test_the_bucket_belongs_to_somebody_else(stack: Stack) -> None:
    """Bucket names are global: an upload must not go to a stranger who took the name."""
    stack.project.write("model.tar.gz", project.archive("d"))
    stack.project.tell(bucket="not-there")
    ran = stack.project.release("upload")
    assert (2, 1) == (ran.status, ran.stderr.count("release: "))
    assert "Traceback" not in ran.stderr
