"""From an answer to bytes on the wire; object data goes from file to socket inside the kernel."""

from __future__ import annotations

import asyncio
import logging
from typing import BinaryIO

from aiohttp import web

from localcloud.oss.blobs import Piece
from localcloud.oss.call import Answer

# For TLS, where the kernel cannot copy from file to socket.
READ_PIECE_BYTES = 256 * 1024

_logger = logging.getLogger("localcloud.oss")


async def deliver(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Sends an answer; a client that goes away early is no error."""
    if answer.content is None:
        response = web.Response(status=answer.status, headers=answer.headers, body=answer.body)
        if answer.status in (204, 304):
            response.body = None
        if "Expect" in request.headers and not request.content.at_eof():
            # Who waits to be asked for the body, and is refused, may go on without ever sending it.
            response.force_close()
            await response.prepare(request)
            await response.write_eof()
            request.protocol.force_close()
        return response
    stream = web.StreamResponse(status=answer.status, headers=answer.headers)
    stream.content_length = answer.part.size
    if request.method == "HEAD":
        return stream
    with answer.content.held():
        try:
            await stream.prepare(request)
            for piece in answer.content.pieces(answer.part.offset, answer.part.size):
                await _send(request, stream, piece)
            await stream.write_eof()
        except ConnectionError:
            _logger.debug("a client went away during %s", request.raw_path)
    return stream


async def _send(request: web.BaseRequest, stream: web.StreamResponse, piece: Piece) -> None:
    transport = request.transport
    if transport is None:
        raise ConnectionResetError("the connection is gone")
    file = piece.blob.path.open("rb")
    try:
        if transport.get_extra_info("sslcontext") is None:
            loop = asyncio.get_running_loop()
            await loop.sendfile(transport, file, piece.offset, piece.size)
        else:
            await _copy(stream, file, piece)
    finally:
        file.close()


async def _copy(stream: web.StreamResponse, file: BinaryIO, piece: Piece) -> None:
    file.seek(piece.offset)
    left = piece.size
    while left > 0:
        data = await asyncio.to_thread(file.read, min(left, READ_PIECE_BYTES))
        if not data:
            raise ConnectionResetError("the file ended early")
        await stream.write(data)
        left -= len(data)
