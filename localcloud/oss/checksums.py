"""MD5 and CRC-64 of object data: one pass over the bytes, and CRCs of parts combined without a second.

The CRC is CRC-64/XZ (ECMA-182, reflected), sent as ``x-oss-hash-crc64ecma`` in decimal; the official
clients compare it after every transfer. liblzma computes it at memory speed without Python's lock;
where that library is missing, crcmod's extension does.
Source: https://help.aliyun.com/zh/oss/user-guide/check-data-transmission-integrity-by-using-crc-64
(2026-11-23).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
from collections.abc import Callable

_POLYNOMIAL = 0xC96C5795D7870F42


def _find_crc64() -> Callable[[bytes, int], int]:
    name = ctypes.util.find_library("lzma")
    if name is not None:
        native = ctypes.CDLL(name).lzma_crc64
        native.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64)
        native.restype = ctypes.c_uint64

        def with_liblzma(data: bytes, crc: int) -> int:
            return int(native(data, len(data), crc))

        return with_liblzma

    from crcmod.crcmod import mkCrcFun

    portable = mkCrcFun((1 << 64) | 0x42F0E1EBA9EA3693, initCrc=0, rev=True, xorOut=(1 << 64) - 1)

    def with_crcmod(data: bytes, crc: int) -> int:
        return int(portable(data, crc))

    return with_crcmod


_crc64 = _find_crc64()


def crc64(data: bytes, crc: int = 0) -> int:
    """The CRC of the data so far: pass the last value to go on."""
    return _crc64(data, crc)


def combine_crc64(first: int, second: int, second_size: int) -> int:
    """The CRC of two pieces one after the other, from their CRCs and the second one's size in bytes.

    Appending n zero bytes is a linear map of the CRC register; it is squared along the bits of n.
    """
    if second_size == 0:
        return first
    # One zero bit: shift right, fold the polynomial in. Each entry is the image of one bit.
    step = [_POLYNOMIAL] + [1 << (bit - 1) for bit in range(1, 64)]
    for _ in range(3):
        step = _square(step)
    while second_size:
        if second_size & 1:
            first = _apply(step, first)
        second_size >>= 1
        step = _square(step)
    return first ^ second


def _apply(matrix: list[int], vector: int) -> int:
    result = 0
    for image in matrix:
        if not vector:
            break
        if vector & 1:
            result ^= image
        vector >>= 1
    return result


def _square(matrix: list[int]) -> list[int]:
    return [_apply(matrix, image) for image in matrix]


class Digest:
    """MD5, CRC-64 and size of bytes that arrive in pieces."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.crc = 0
        self.size = 0

    def update(self, data: bytes) -> None:
        """Takes the next piece."""
        self._md5.update(data)
        self.crc = crc64(data, self.crc)
        self.size += len(data)

    @property
    def md5(self) -> bytes:
        """The MD5 so far, 16 bytes."""
        return self._md5.digest()
