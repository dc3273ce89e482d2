"""A model server of the chaos run: right answers, and every fault that its mood is in for."""

import asyncio
import random
import socket
import struct

import chaos_wire as wire

# Before any content: another provider can still give the answer.
EARLY = ("refuse", "reset", "close", "500", "502", "503", "504", "529", "408", "429", "error-event", "error-body",
         "empty", "cut-head", "cut-early", "stall-head", "stall-early", "garbage", "half-body")
# After it: the client has to be told.
LATE = ("cut-late", "reset-late", "stall-late", "error-late", "garbage-late")
MOODS = {"well": 0.0, "flaky": 0.3, "ill": 0.9, "down": 1.0}


class Upstream:
    def __init__(self, name, dialect, seed, faults):
        self.name, self.dialect = name, dialect
        self.dice = random.Random(f"{seed}-{name}")
        # By token: which kinds of faults a request met, on all upstreams together.
        self.faults = faults
        self.mood = "well"
        self.server = None
        self.port = 0
        self.open = set()
        self.requests = 0

    async def start(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    def stop(self):
        self.server.close()
        for writer in list(self.open):
            writer.transport.abort()

    async def _serve(self, reader, writer):
        self.open.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (wire.Broken, ConnectionError, OSError, asyncio.CancelledError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    def _choose(self, stream):
        if self.dice.random() >= MOODS[self.mood]:
            return None
        if self.mood != "down" and self.dice.random() < 0.15:
            return self.dice.choice(LATE if stream else ("half-body",))
        return self.dice.choice(EARLY)

    async def _exchange(self, reader, writer):
        head = await wire.read_head(reader)
        body = await reader.readexactly(int(head.fields.get("content-length", "0")))
        self.requests += 1
        found = wire.TOKEN.search(body)
        if not found:
            await self._whole(writer, 404, wire.error_body(self.dialect))
            return True
        token = int(found.group(1))
        stream = b'"stream":true' in body.replace(b" ", b"")
        fault = self._choose(stream)
        if fault:
            self.faults.setdefault(token, set()).add("late" if fault in LATE else "early")
        return await self._answer(reader, writer, token, stream, fault)

    async def _answer(self, reader, writer, token, stream, fault):
        if fault in ("refuse", "reset"):
            self._reset(writer)
            return False
        if fault in ("close", "stall-head", "garbage", "cut-head"):
            if fault == "stall-head":
                await self._stall(reader)
            writer.write({"garbage": b"SSH-2.0-chaos\r\n", "cut-head": b"HTTP/1.1 200 OK\r\nconte"}.get(fault, b""))
            return False
        if fault == "429":
            fields = f"retry-after-ms: {self.dice.choice((1, 20, 200))}\r\n"
            await self._whole(writer, 429, wire.error_body(self.dialect, "rate_limit_error", "too many"), fields)
            return True
        if fault and fault.isdigit():
            await self._whole(writer, int(fault), wire.error_body(self.dialect))
            return True
        if fault == "error-body" or (fault in ("error-event", "empty", "cut-early", "stall-early") and not stream):
            await self._whole(writer, 200, wire.error_body(self.dialect))
            return True
        text = wire.words(token)
        if not stream or fault == "half-body":
            body = wire.whole(self.dialect, text)
            await self._whole(writer, 200, body, cut=len(body) // 2 if fault == "half-body" else None)
            return fault != "half-body"
        return await self._stream(reader, writer, text, fault)

    async def _stream(self, reader, writer, text, fault):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: " + wire.stream_type(self.dialect).encode()
                     + b"\r\ntransfer-encoding: chunked\r\n\r\n")
        if fault == "empty":
            writer.write(b"0\r\n\r\n")
            return True
        first = wire.beginning(self.dialect)
        if first:
            self._chunk(writer, first)
            await self._breathe(writer)
        if fault == "error-event":
            self._chunk(writer, wire.error_event(self.dialect))
            writer.write(b"0\r\n\r\n")
            return True
        if fault in ("cut-early", "stall-early"):
            if fault == "stall-early":
                await self._stall(reader)
            return False
        pieces = text.split(" ")
        pieces = [piece + " " for piece in pieces[:-1]] + pieces[-1:]
        last = self.dice.randrange(1, len(pieces)) if fault else len(pieces)
        for piece in pieces[:last]:
            self._chunk(writer, wire.word_event(self.dialect, piece))
            if self.dice.random() < 0.3:
                await self._breathe(writer)
        if fault:
            return await self._break(reader, writer, fault)
        self._chunk(writer, wire.ending(self.dialect))
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _break(self, reader, writer, fault):
        if fault == "reset-late":
            await asyncio.sleep(0.05)
            self._reset(writer)
        elif fault == "stall-late":
            await writer.drain()
            await self._stall(reader)
        elif fault == "error-late":
            self._chunk(writer, wire.error_event(self.dialect))
            writer.write(b"0\r\n\r\n")
        elif fault == "garbage-late":
            self._chunk(writer, b"{\n" if self.dialect == "ollama" else b"data: {\n\n")
        await writer.drain()
        return False

    @staticmethod
    async def _stall(reader):
        """Says nothing more until the other side has had enough."""
        try:
            await asyncio.wait_for(reader.read(1), timeout=20)
        except (asyncio.TimeoutError, OSError):
            pass

    @staticmethod
    def _chunk(writer, data):
        if writer.transport.is_closing():
            raise ConnectionResetError
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    async def _breathe(self, writer):
        await writer.drain()
        await asyncio.sleep(self.dice.choice((0, 0, 0.001, 0.01)))

    @staticmethod
    async def _whole(writer, status, body, fields="", cut=None):
        head = f"HTTP/1.1 {status} Chaos\r\ncontent-type: application/json\r\n{fields}content-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body[:cut])
        await writer.drain()

    @staticmethod
    def _reset(writer):
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
