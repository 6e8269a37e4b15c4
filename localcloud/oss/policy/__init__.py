"""Bucket policies as pure functions: parse and validate a text, evaluate it, judge whether it is public.

Nothing here knows of HTTP or of buckets' other settings.
Source: https://www.alibabacloud.com/help/en/oss/user-guide/oss-bucket-policy/ and
https://www.alibabacloud.com/help/en/oss/user-guide/authorization-syntax-and-elements (2026-11-23).
"""
