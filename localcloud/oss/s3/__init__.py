"""The S3-compatible side of the service: other signatures and header names, the same operations.

A request speaks S3 when it came to ``s3.oss-REGION.aliyuncs.com`` or is signed the way S3's clients sign.
Its signature is checked here, what it asks for is put into the service's own words, and the answer back.
Source: https://help.aliyun.com/en/oss/developer-reference/use-aws-sdks-to-access-oss and
https://help.aliyun.com/en/oss/developer-reference/compatibility-with-amazon-s3 (2026-11-24). That the
usual hosts answer to S3's signatures too is seen in https://github.com/Altinity/clickhouse-backup/issues/877.
"""
