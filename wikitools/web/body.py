"""The body of an answer, unpacked piece by piece up to a limit: a small download can unpack to gigabytes."""

from __future__ import annotations

import zlib

ACCEPTED = "gzip, deflate"
"""The encodings that requests accept."""


class TooLargeError(Exception):
    """The body is larger than the limit; its beginning was kept."""


class BodyError(Exception):
    """The body is not what its headers say; the message continues "the answer of …"."""


class Body:
    """Collects the bytes of a body, never more than `limit` of them before or after unpacking."""

    def __init__(self, encoding: str, limit: int) -> None:
        """`encoding` is the header Content-Encoding. Raises `BodyError` for one that was not asked for."""
        self._encoding = encoding.strip().lower()
        if self._encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise BodyError(f"is packed in a way that was not asked for ({self._encoding[:40]})")
        self._packed = self._encoding not in {"", "identity"}
        # 47: zlib or gzip, whichever it is.
        self._unpacker = zlib.decompressobj(47)
        self._limit = limit
        self._arrived = 0
        self._size = 0
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Take the next bytes from the network. Raises `TooLargeError` or `BodyError`."""
        first = not self._arrived
        self._arrived += len(data)
        if not self._packed:
            self._keep(data)
            return
        try:
            self._unpack(data)
        except zlib.error as error:
            if not (first and self._encoding == "deflate"):
                raise BodyError("cannot be unpacked") from error
            # Some servers mean bare deflate data, without zlib's frame.
            self._unpacker = zlib.decompressobj(-15)
            try:
                self._unpack(data)
            except zlib.error as again:
                raise BodyError("cannot be unpacked") from again
        if self._arrived > self._limit:
            raise TooLargeError

    def _unpack(self, data: bytes) -> None:
        while data:
            self._keep(self._unpacker.decompress(data, self._limit - self._size + 1))
            data = self._unpacker.unconsumed_tail
            if self._unpacker.eof:
                data = self._unpacker.unused_data
                if data[:2] != b"\x1f\x8b":
                    # The end, and maybe padding.
                    return
                self._unpacker = zlib.decompressobj(47)

    def _keep(self, data: bytes) -> None:
        room = self._limit - self._size
        self._pieces.append(data[:room])
        self._size += len(data)
        if len(data) > room:
            self._size = self._limit
            raise TooLargeError

    def so_far(self) -> bytes:
        """Return what was unpacked."""
        return b"".join(self._pieces)

    def all(self) -> bytes:
        """Return the body, once all of it has arrived. Raises `BodyError` if something is missing."""
        if self._packed and self._arrived and not self._unpacker.eof:
            raise BodyError("is cut off in the middle")
        return self.so_far()
