"""The Object Storage Service: buckets, objects, and who may touch them.

Judged by the official clients (oss2, alibabacloud-oss-v2, the alicloud provider). Not here: access
points, images, replication, lifecycle, static websites, RAM policies; a request for one of them gets
``NotImplemented`` and a line in the coverage list, never a silent success.
"""
