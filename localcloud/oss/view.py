"""The bucket owner's view, as ``localcloud oss``: an official client at the real public endpoints.

Keys come from the environment (``ALIBABA_CLOUD_ACCESS_KEY_ID`` and ``_SECRET``, or ``OSS_...``), the
certificate authority from ``SSL_CERT_FILE``. The same commands therefore work on a real account.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import alibabacloud_oss_v2 as oss
from alibabacloud_oss_v2.client import Client

from localcloud.oss.emptying import empty

DEFAULT_REGION = "cn-hangzhou"
MULTIPART_FROM_BYTES = 64 * 1024 * 1024
PART_BYTES = 16 * 1024 * 1024
_KEY_VARIABLES = (
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
    ("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"),
)


class ViewError(Exception):
    """A command could not do what was asked; the message says why and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommands and their arguments."""
    commands = parser.add_subparsers(dest="oss_command", required=True, metavar="COMMAND")

    make = commands.add_parser("mb", help="make a bucket")
    make.add_argument("bucket")
    make.add_argument("--region", default=DEFAULT_REGION, help=f"its region (default: {DEFAULT_REGION})")
    make.set_defaults(oss_action=_make_bucket)

    put = commands.add_parser("put", help="upload a file")
    put.add_argument("file", type=Path)
    put.add_argument("bucket")
    put.add_argument("key")
    put.add_argument("--content-type", help="stored with the object; guessed from the key if not given")
    put.set_defaults(oss_action=_put)

    get = commands.add_parser("get", help="download an object")
    get.add_argument("bucket")
    get.add_argument("key")
    get.add_argument("file", help="where to; - for standard output")
    get.set_defaults(oss_action=_get)

    list_ = commands.add_parser("ls", help="list buckets, or a bucket's objects")
    list_.add_argument("bucket", nargs="?")
    list_.add_argument("--prefix", default="", help="only keys that begin so")
    list_.set_defaults(oss_action=_list)

    info = commands.add_parser("info", help="show a bucket's settings as JSON")
    info.add_argument("bucket")
    info.set_defaults(oss_action=_info)

    remove = commands.add_parser(
        "rm", help="delete an object, with --all all of them, with --bucket the bucket"
    )
    remove.add_argument("bucket")
    target = remove.add_mutually_exclusive_group(required=True)
    target.add_argument("key", nargs="?")
    target.add_argument(
        "--all",
        dest="everything",
        action="store_true",
        help="delete all versions of all objects, and uploads",
    )
    target.add_argument("--bucket", dest="whole_bucket", action="store_true", help="delete the empty bucket")
    remove.set_defaults(oss_action=_remove)

    policy = commands.add_parser("policy", help="read, replace or delete a bucket policy")
    policy.add_argument("verb", choices=("get", "set", "delete"))
    policy.add_argument("bucket")
    policy.add_argument("file", nargs="?", help="for set: the policy; - for standard input (the default)")
    policy.set_defaults(oss_action=_policy)


def run(args: argparse.Namespace) -> int:
    """Carries out a parsed command.

    Returns:
        The exit status: 0, or 1 after a message on standard error.
    """
    action: Callable[[argparse.Namespace], None] = args.oss_action
    try:
        action(args)
    except (ViewError, OSError, oss.exceptions.BaseError) as fault:
        print(f"localcloud oss {args.oss_command}: {_explain(fault)}", file=sys.stderr)
        return 1
    return 0


def keys_from(environment: Mapping[str, str]) -> tuple[str, str]:
    """The AccessKey id and secret.

    Raises:
        ViewError: Neither pair of variables is set.
    """
    for id_name, secret_name in _KEY_VARIABLES:
        if environment.get(id_name) and environment.get(secret_name):
            return environment[id_name], environment[secret_name]
    raise ViewError(
        "no access key in the environment; set ALIBABA_CLOUD_ACCESS_KEY_ID and "
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run it as `localcloud oss`, which does"
    )


def _client(region: str = DEFAULT_REGION) -> Any:
    key_id, secret = keys_from(os.environ)
    authority = os.environ.get("SSL_CERT_FILE")
    if authority:
        # The client's HTTP library reads its own variable only, which may name another authority.
        os.environ["REQUESTS_CA_BUNDLE"] = authority
    config = oss.config.load_default()
    config.credentials_provider = oss.credentials.StaticCredentialsProvider(key_id, secret)
    config.region = region
    return Client(config)


def _buckets() -> Iterator[Any]:
    for page in _client().list_buckets_paginator().iter_page(oss.ListBucketsRequest()):
        yield from page.buckets or ()


def _client_of(bucket: str) -> Any:
    for found in _buckets():
        if found.name == bucket:
            return _client(found.region)
    raise ViewError(f"the account has no bucket {bucket}; make it with `localcloud oss mb {bucket}`")


def _make_bucket(args: argparse.Namespace) -> None:
    _client(args.region).put_bucket(oss.PutBucketRequest(bucket=args.bucket))


def _put(args: argparse.Namespace) -> None:
    client = _client_of(args.bucket)
    size = args.file.stat().st_size
    request = oss.PutObjectRequest(bucket=args.bucket, key=args.key, content_type=args.content_type)
    if size < MULTIPART_FROM_BYTES:
        with args.file.open("rb") as file:
            request.body = file
            client.put_object(request)
        return
    if sys.stderr.isatty():
        request.progress_fn = _show_progress
    client.uploader(part_size=PART_BYTES).upload_file(request, filepath=str(args.file))
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _get(args: argparse.Namespace) -> None:
    client = _client_of(args.bucket)
    answer = client.get_object(oss.GetObjectRequest(bucket=args.bucket, key=args.key))
    with answer.body as body:
        if args.file == "-":
            for chunk in body.iter_bytes():
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            return
        target = Path(args.file)
        partial = target.with_name(target.name + ".partial")
        with partial.open("wb") as file:
            for chunk in body.iter_bytes():
                file.write(chunk)
        partial.replace(target)


def _list(args: argparse.Namespace) -> None:
    if args.bucket is None:
        for bucket in _buckets():
            print(f"{bucket.creation_date:%Y-%m-%d %H:%M:%S}  {bucket.region:<16} {bucket.name}")
        return
    client = _client_of(args.bucket)
    request = oss.ListObjectsV2Request(bucket=args.bucket, prefix=args.prefix, max_keys=1000)
    for page in client.list_objects_v2_paginator().iter_page(request):
        for item in page.contents or ():
            print(f"{item.last_modified:%Y-%m-%d %H:%M:%S}  {item.size:>14} {item.key}")


def _info(args: argparse.Namespace) -> None:
    client = _client_of(args.bucket)
    bucket = client.get_bucket_info(oss.GetBucketInfoRequest(bucket=args.bucket)).bucket_info
    settings: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in vars(bucket).items()
        if not name.startswith("_") and isinstance(value, str | bool | datetime)
    }
    settings["owner"] = bucket.owner.id
    settings["encryption"] = bucket.sse_rule.sse_algorithm if bucket.sse_rule else None
    tagging = client.get_bucket_tags(oss.GetBucketTagsRequest(bucket=args.bucket)).tagging
    settings["tags"] = {tag.key: tag.value for tag in (tagging.tag_set and tagging.tag_set.tags) or ()}
    print(json.dumps(settings, indent=2, sort_keys=True))


def _remove(args: argparse.Namespace) -> None:
    client = _client_of(args.bucket)
    if args.whole_bucket:
        client.delete_bucket(oss.DeleteBucketRequest(bucket=args.bucket))
    elif args.everything:
        empty(client, args.bucket)
    else:
        client.delete_object(oss.DeleteObjectRequest(bucket=args.bucket, key=args.key))


def _policy(args: argparse.Namespace) -> None:
    client = _client_of(args.bucket)
    if args.verb == "get":
        answer = client.get_bucket_policy(oss.GetBucketPolicyRequest(bucket=args.bucket))
        sys.stdout.write(answer.body)
    elif args.verb == "delete":
        client.delete_bucket_policy(oss.DeleteBucketPolicyRequest(bucket=args.bucket))
    else:
        text = sys.stdin.read() if args.file in (None, "-") else Path(args.file).read_text()
        client.put_bucket_policy(oss.PutBucketPolicyRequest(bucket=args.bucket, body=text))


def _show_progress(_: int, written: int, total: int) -> None:
    print(f"\r{written * 100 // max(total, 1):3d} %", end="", file=sys.stderr, flush=True)


def _explain(fault: Exception) -> str:
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, oss.exceptions.ServiceError):
            ec = f" (EC {cause.ec})" if cause.ec else ""
            return f"{cause.code}: {cause.message}{ec}"
        cause = getattr(cause, "unwrap", lambda: None)() or cause.__cause__
    return str(fault)
