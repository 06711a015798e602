"""Objects in S3, as the stand-in's own services read and write them: below the HTTP API, without a caller's rights."""

from moto.s3.models import s3_backends


def read(account: str, location: str) -> bytes | None:
    """The bytes at `s3://bucket/key`; None where there are none."""
    bucket, key = _split(location)
    backend = s3_backends[account]["aws"]
    found = backend.get_object(bucket, key) if bucket in backend.buckets else None
    return None if found is None else bytes(found.value)


def write(account: str, location: str, content: bytes) -> None:
    bucket, key = _split(location)
    s3_backends[account]["aws"].put_object(bucket, key, content)


def below(account: str, prefix: str) -> list[str]:
    """Locations of the objects whose key starts with the prefix's, in order."""
    bucket, key = _split(prefix)
    keys = s3_backends[account]["aws"].buckets[bucket].keys
    return [f"s3://{bucket}/{name}" for name in sorted(keys) if name.startswith(key)]


def _split(location: str) -> tuple[str, str]:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return bucket, key
