"""``oss-diagnose``: tells on a host why OSS cannot be reached or refuses.

These modules become one file of the kit (``infra.access.script``), which runs on hosts of others: they use
the standard library as Python 3.6 has it, the oldest of a system that is still kept (Alibaba Cloud Linux 3).
"""
