"""How much nginx takes on at a time, from what the instance has. Pure.

What costs memory is an answer that OSS gives faster than its client takes it: such a request fills its
buffers, and nothing of it goes to the disk (no temporary file). So the connections are as many as fit, with
full buffers, into a share of the memory; what is left is for the kernel's sockets (a tenth by its own limit),
the page cache under the cache of objects, updates and the rest of the system.
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.text import RenderError

CORES_MAX = 512
MEMORY_GIB_MAX = 65_536

# What the kernel gives to connections towards one address of OSS: `ip_local_port_range`, with some to spare.
LOCAL_PORTS = (16_384, 65_535)
_REQUESTS_MAX = LOCAL_PORTS[1] - LOCAL_PORTS[0] - 1_151
# What the unit of nginx allows; a reload cannot raise it.
OPEN_FILES_MAX = 524_288
# Connections that wait to be accepted, in nginx and in the kernel.
BACKLOG = 4096

_KIB = 1024
_GIB = 1024**3
_SHARE = 4
# The head of the answer, and pools and the client's head: measured, an answer costs less than 16 KiB beside
# its buffers.
_HEAD_KIB, _REST_KIB = 16, 16
_BUFFERS = 4
_CONNECTIONS_MIN, _STEP = 512, 512


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What an instance type has.

    Attributes:
        cores: Its vCPUs.
        memory_gib: Its memory in GiB.

    Raises:
        RenderError: When that is no machine.
    """

    cores: int
    memory_gib: float

    def __post_init__(self) -> None:
        if not (1 <= self.cores <= CORES_MAX and 0 < self.memory_gib <= MEMORY_GIB_MAX):
            raise RenderError(
                f"{self.cores} vCPUs with {self.memory_gib} GiB are no machine",
                fix="check oss-proxy:instanceType.",
            )


@dataclass(frozen=True, kw_only=True)
class Sizing:
    """The numbers of nginx's configuration that follow from the machine.

    Attributes:
        buffers: The buffers of an answer.
        buffer_kib: The size of each, in KiB.
        requests: Answers that the buffers of all workers together are meant for.
        worker_connections: Connections of a worker, to clients and to OSS.
        open_files: Files and connections that a worker may have open.
        zone_mb_max: The most memory that knows the files of a cache, in MB.
    """

    buffers: int
    buffer_kib: int
    requests: int
    worker_connections: int
    open_files: int
    zone_mb_max: int

    @property
    def busy_kib(self) -> int:
        """What of the buffers may be on its way to the client while OSS is read on, in KiB."""
        return self.buffer_kib * self.buffers // 2

    @property
    def request_bytes(self) -> int:
        """What a request costs whose client takes nothing, in bytes."""
        return (self.buffers * self.buffer_kib + _HEAD_KIB + _REST_KIB) * _KIB


def sizing(machine: Machine) -> Sizing:
    """Returns the numbers for an instance type.

    A quarter of the memory is for answers on their way. Each needs two connections, and there are as many
    workers as vCPUs; a client that only keeps its connection costs next to nothing, and gives way when there
    is no other left. How much of all that one client may take, `clientConnections` says.
    """
    # Small machines rather serve more clients than each of them with fewer system calls.
    buffer_kib = 32 if machine.memory_gib >= 2 else 16
    request_kib = _BUFFERS * buffer_kib + _HEAD_KIB + _REST_KIB
    memory = int(machine.memory_gib * _GIB)
    requests = min(memory // _SHARE // (request_kib * _KIB), _REQUESTS_MAX)
    connections = max(-(-2 * requests // machine.cores // _STEP) * _STEP, _CONNECTIONS_MIN)
    return Sizing(
        buffers=_BUFFERS,
        buffer_kib=buffer_kib,
        requests=requests,
        worker_connections=connections,
        # Twice, for a file beside each connection: the cache has one, and old and new logs are open at once.
        open_files=2 * connections,
        zone_mb_max=max(int(machine.memory_gib * _KIB) // 16, 8),
    )


# The default instance type's.
USUAL = Machine(cores=2, memory_gib=4)
