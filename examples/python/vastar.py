"""A client of the Vastar runtime in one file, written from docs/protocol.md. Needs Python 3.9 or later and nothing else.

    runtime = Runtime("unix:/tmp/vastar-connector-runtime.sock")
    response = runtime.call("GET", "https://api.github.com/zen")
    print(response.status, response.read().decode())

`call` returns when the head of the response is here; `read`, iteration and `events` take the body as it arrives, and `cancel` ends the
call at the API. Any number of threads may make calls on one connection at once.
"""

import codecs
import collections
import itertools
import json
import socket
import struct
import sys
import threading

# ------------------------------------------------------------------------------------------------------------- tables

SCALARS = {"bool": "<?", "i8": "<b", "u16": "<H", "i32": "<i", "u32": "<I", "i64": "<q", "u64": "<Q"}

# Fields in the order of their slots. What this client neither sends nor reads is left out at the end of a table.
TABLES = {
    "KeyValue": "key:string value:string",
    "ExecuteResponse": "request_id:u64 error_class:i8 error_message:string",
    "CreditUpdate": "credit_delta:i32 total_credits:u32 call_id:u64",
    "Hello": "version:u16 features:u64 max_frame_bytes:u32 client:string token:string call_credit:u32 connection_credit:u32",
    "Welcome": "version:u16 features:u64 max_frame_bytes:u32 server:string call_credit:u32 connection_credit:u32 "
    "max_open_calls:u32",
    "CallStart": "call_id:u64 tenant_id:string workspace_id:string trace_id:string connector:string operation:string "
    "method:string url:string headers:[KeyValue] body:[u8] body_follows:bool timeout_ms:u32 idempotency_key:string",
    "CallHead": "call_id:u64 status:u16 headers:[KeyValue] body:[u8] body_follows:bool attempts:u16 duration_us:u64 "
    "request_id:string url:string",
    "Data": "call_id:u64 bytes:[u8]",
    "CallError": "error_class:i8 code:string message:string origin:i8 sent:i8 status:u16 retry_after_ms:i64 attempts:u16 "
    "request_id:string",
    "End": "call_id:u64 trailers:[KeyValue] error:CallError",
    "Cancel": "call_id:u64",
    "GoAway": "code:string message:string",
}
TABLES = {name: [field.split(":") for field in fields.split()] for name, fields in TABLES.items()}
DEFAULTS = {"retry_after_ms": -1}


def encode(table, **values):
    """A FlatBuffers table. Written from front to back: what a field refers to comes behind it."""
    out = bytearray(4)
    struct.pack_into("<I", out, 0, put_table(out, table, values))
    return bytes(out)


def pad(out, alignment):
    out.extend(bytes(-len(out) % alignment))


def put_table(out, table, values):
    fields, offsets, size = TABLES[table], [], 4
    for name, kind in fields:
        width = struct.calcsize(SCALARS.get(kind, "<I"))
        if values.get(name) is None:
            offsets.append(0)
            continue
        size += -size % width
        offsets.append(size)
        size += width
    pad(out, 2)
    vtable = len(out)
    out.extend(struct.pack(f"<HH{len(fields)}H", 4 + 2 * len(fields), size, *offsets))
    pad(out, 8)
    start = len(out)
    out.extend(bytes(size))
    struct.pack_into("<i", out, start, start - vtable)
    for (name, kind), offset in zip(fields, offsets):
        if offset == 0:
            continue
        at = start + offset
        if kind in SCALARS:
            struct.pack_into(SCALARS[kind], out, at, values[name])
        else:
            put_reference(out, at, kind, values[name])
    return start


def put_reference(out, at, kind, value):
    """Puts the value behind everything, and its distance into the four bytes at `at`."""
    if kind in TABLES:
        target = put_table(out, kind, value)
    else:
        pad(out, 4)
        target = len(out)
        items = value.encode() if kind == "string" else value
        out.extend(struct.pack("<I", len(items)))
        if kind == "[u8]":
            out.extend(items)
        elif kind == "string":
            out.extend(items + b"\0")
        else:
            slots = len(out)
            out.extend(bytes(4 * len(items)))
            for index, item in enumerate(items):
                put_reference(out, slots + 4 * index, kind[1:-1], item)
    struct.pack_into("<I", out, at, target - at)


def decode(table, frame):
    return get_table(frame, table, struct.unpack_from("<I", frame, 0)[0])


def get_table(frame, table, start):
    vtable = start - struct.unpack_from("<i", frame, start)[0]
    length = struct.unpack_from("<H", frame, vtable)[0]
    values = {}
    for slot, (name, kind) in enumerate(TABLES[table]):
        entry = 4 + 2 * slot
        offset = struct.unpack_from("<H", frame, vtable + entry)[0] if entry < length else 0
        if offset != 0:
            values[name] = get_field(frame, kind, start + offset)
        else:
            values[name] = DEFAULTS.get(name, 0) if kind in SCALARS else None
    return values


def get_field(frame, kind, at):
    if kind in SCALARS:
        return struct.unpack_from(SCALARS[kind], frame, at)[0]
    target = at + struct.unpack_from("<I", frame, at)[0]
    if kind in TABLES:
        return get_table(frame, kind, target)
    length = struct.unpack_from("<I", frame, target)[0]
    if kind == "string":
        return bytes(frame[target + 4 : target + 4 + length]).decode()
    if kind == "[u8]":
        return bytes(frame[target + 4 : target + 4 + length])
    return [get_field(frame, kind[1:-1], target + 4 + 4 * index) for index in range(length)]


# ----------------------------------------------------------------------------------------------------------- messages

TYPES = {
    "ExecuteResponse": 1, "CreditUpdate": 4, "Hello": 5, "Welcome": 6, "CallStart": 7, "CallHead": 8, "Data": 9, "End": 10,
    "Cancel": 11, "GoAway": 12,
}
NAMES = {number: name for name, number in TYPES.items()}

MAX_FRAME = 10 * 1024 * 1024
# A body up to this travels inside CallStart; a longer one in pieces of at most this.
PIECE = 64 * 1024
CALL_CREDIT = 256 * 1024
CONNECTION_CREDIT = 1024 * 1024

ERROR_CLASSES = ["Success", "Transient", "Permanent", "RateLimited", "Timeout", "InvalidRequest"]
SENT = ["no", "maybe", "committed"]


class CallFailed(Exception):
    """There was no HTTP response, or its body broke off."""

    def __init__(self, code, message, error_class="Permanent", sent="no", retry_after_ms=-1):
        super().__init__(f"{code}: {message}")
        self.code, self.error_class, self.sent = code, error_class, sent
        self.retry_after_ms = None if retry_after_ms < 0 else retry_after_ms

    @property
    def is_retryable(self):
        return self.error_class in ("Transient", "RateLimited", "Timeout")


def failure(error):
    return CallFailed(
        error["code"] or "unknown",
        error["message"] or "",
        ERROR_CLASSES[error["error_class"]] if error["error_class"] < len(ERROR_CLASSES) else "Permanent",
        SENT[error["sent"]] if error["sent"] < len(SENT) else "maybe",
        error["retry_after_ms"],
    )


class Response:
    """The answer to a call. Its body is read once."""

    def __init__(self, runtime, call_id):
        self._runtime, self._id = runtime, call_id
        self._pieces = collections.deque()
        self._ended = False
        self._error = None
        self._taken = 0
        self.status = None
        self.headers = []
        self.attempts = 0

    def __iter__(self):
        """The body as it arrives; the API is read no faster than this. Leaving early ends the call."""
        try:
            while True:
                piece = self._runtime._next_piece(self)
                if piece is None:
                    return
                yield piece
        finally:
            self.cancel()

    def read(self):
        return b"".join(self)

    def events(self):
        """The data of each server-sent event."""
        decoder, rest, data = codecs.getincrementaldecoder("utf-8")(), "", []
        for piece in self:
            rest += decoder.decode(piece)
            # A CR at the end may be half of a line's end.
            while rest and (ends := [at for at in (rest.find("\n"), rest.find("\r", 0, -1)) if at >= 0]):
                end = min(ends)
                line, rest = rest[:end], rest[end + (2 if rest[end : end + 2] == "\r\n" else 1) :]
                if line == "" and data:
                    yield "\n".join(data)
                    data = []
                elif line.startswith("data:"):
                    data.append(line[5:].removeprefix(" "))

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def cancel(self):
        """Ends the call, and the connection to the API behind it. Does nothing once the body is complete."""
        self._runtime._cancel(self)


class Runtime:
    """A connection to a runtime: `unix:/path` or `tcp://host:port`."""

    def __init__(self, address="unix:/tmp/vastar-connector-runtime.sock", tenant=None, token=None):
        self._tenant = tenant
        self._socket = dial(address)
        self._ids = itertools.count(1)
        self._calls = {}
        # Credit to send bodies with: by call id, and 0 for the connection.
        self._credit = {0: 0}
        self._closed = None
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._send(
            "Hello", version=1, max_frame_bytes=MAX_FRAME, client="vastar.py", token=token, call_credit=CALL_CREDIT,
            connection_credit=CONNECTION_CREDIT,
        )
        name, message = self._receive()
        if name != "Welcome":
            self._socket.close()
            said = (message or {}).get("message") or (message or {}).get("error_message") or "nothing"
            raise CallFailed("session.refused", f"The runtime answered with {name or 'the end'}: {said}")
        self._call_credit = message["call_credit"]
        self._max_frame = message["max_frame_bytes"]
        self._credit[0] = message["connection_credit"]
        threading.Thread(target=self._read, daemon=True).start()

    def call(self, method, url, headers=(), body=b"", timeout_ms=0, idempotency_key=None):
        """The response as soon as its head is here. Raises CallFailed when there is none."""
        response = self._start(method, url, headers, body, timeout_ms, idempotency_key)
        with self._changed:
            self._changed.wait_for(lambda: response.status is not None or response._ended)
            if response.status is None:
                raise response._error
        return response

    def close(self):
        self._end(CallFailed("client.closed", "The client was closed"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self, method, url, headers, body, timeout_ms, idempotency_key):
        pairs = headers.items() if isinstance(headers, dict) else headers
        response = Response(self, next(self._ids))
        follows = len(body) > PIECE
        with self._changed:
            if self._closed is not None:
                raise self._closed
            self._calls[response._id] = response
            self._credit[response._id] = self._call_credit
        self._send(
            "CallStart", call_id=response._id, tenant_id=self._tenant, method=method, url=url,
            headers=[{"key": key, "value": value} for key, value in pairs], body=None if follows else body,
            body_follows=follows, timeout_ms=timeout_ms, idempotency_key=idempotency_key,
        )
        if follows:
            self._upload(response, body)
        return response

    def _upload(self, response, body):
        sent = 0
        while sent < len(body):
            with self._changed:
                credit = self._credit

                def room():
                    return min(credit[0], credit.get(response._id, 0), PIECE)

                self._changed.wait_for(lambda: room() > 0 or response._ended or response.status is not None)
                # The answer is here before the body is complete: the rest is of no use to anybody.
                if response._ended or response.status is not None:
                    break
                piece = body[sent : sent + room()]
                credit[0] -= len(piece)
                credit[response._id] -= len(piece)
            self._send("Data", call_id=response._id, bytes=piece)
            sent += len(piece)
        if not response._ended:
            self._send("End", call_id=response._id)

    def _next_piece(self, response):
        with self._changed:
            self._changed.wait_for(lambda: response._pieces or response._ended)
            if not response._pieces:
                if response._error is not None:
                    raise response._error
                return None
            piece = response._pieces.popleft()
            response._taken += len(piece)
            grant = response._taken if response._taken >= CALL_CREDIT // 2 and not response._ended else 0
            response._taken -= grant
        if grant > 0:
            self._send("CreditUpdate", credit_delta=grant, call_id=response._id)
        return piece

    def _cancel(self, response):
        with self._changed:
            if response._ended:
                return
            self._forget(response, CallFailed("call.cancelled", "The caller cancelled the call", sent="maybe"))
        self._send("Cancel", call_id=response._id)

    def _forget(self, response, error=None):
        response._ended, response._error = True, response._error or error
        self._calls.pop(response._id, None)
        self._credit.pop(response._id, None)
        self._changed.notify_all()

    def _end(self, error):
        with self._changed:
            if self._closed is None:
                self._closed = error
            for response in list(self._calls.values()):
                self._forget(response, error)
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def _read(self):
        """The reader's thread: every frame to its call."""
        granted = 0
        try:
            while True:
                name, message = self._receive()
                if name is None:
                    raise ConnectionError("the runtime closed the connection")
                if name == "Data":
                    granted += len(message["bytes"] or b"")
                    if granted >= CONNECTION_CREDIT // 2:
                        self._send("CreditUpdate", credit_delta=granted)
                        granted = 0
                with self._changed:
                    self._handle(name, message)
        except (OSError, struct.error, UnicodeDecodeError) as error:
            self._end(CallFailed("connection.lost", str(error), "Transient", "maybe"))

    def _handle(self, name, message):
        if name == "CreditUpdate":
            if message["call_id"] in self._credit:
                self._credit[message["call_id"]] += message["credit_delta"]
            self._changed.notify_all()
            return
        if name == "GoAway":
            self._closed = CallFailed("connection.going_away", message["message"] or "", "Transient")
            return
        # Frames of a call that has ended were on their way: they mean nothing any more.
        response = self._calls.get((message or {}).get("call_id"))
        if response is None:
            return
        if name == "CallHead":
            response.status, response.attempts = message["status"], message["attempts"]
            response.headers = [(field["key"], field["value"]) for field in message["headers"] or []]
            if message["body"]:
                response._pieces.append(message["body"])
            if not message["body_follows"]:
                self._forget(response)
        elif name == "Data":
            response._pieces.append(message["bytes"] or b"")
        elif name == "End":
            self._forget(response, failure(message["error"]) if message["error"] else None)
        self._changed.notify_all()

    def _send(self, name, **values):
        payload = encode(name, **values)
        with self._writing:
            try:
                self._socket.sendall(struct.pack(">IB", len(payload) + 1, TYPES[name]) + payload)
            except OSError:
                # The reader's thread notices as well, and knows whose calls that ends.
                pass

    def _receive(self):
        """A message, of which None is one that this client does not know; (None, None) at the end."""
        head = self._exactly(4)
        if head is None:
            return None, None
        frame = self._exactly(struct.unpack(">I", head)[0])
        if frame is None:
            return None, None
        name = NAMES.get(frame[0], "unknown")
        return name, decode(name, memoryview(frame)[1:]) if name in TABLES else None

    def _exactly(self, count):
        parts = bytearray()
        while len(parts) < count:
            part = self._socket.recv(count - len(parts))
            if not part:
                return None
            parts.extend(part)
        return bytes(parts)


def dial(address):
    if address.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(address[5:])
        return connection
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)))


def main():
    """`python3 vastar.py ADDRESS QUESTION [API]`: a streamed answer of an OpenAI-compatible API."""
    address, question, *rest = sys.argv[1:]
    api = rest[0] if rest else "http://127.0.0.1:4545/v1"
    request = {"model": "gpt-4o-mini", "stream": True, "messages": [{"role": "user", "content": question}]}
    headers = {"content-type": "application/json", "authorization": "Bearer none"}
    with Runtime(address) as runtime:
        response = runtime.call("POST", f"{api}/chat/completions", headers, json.dumps(request).encode())
        for data in response.events():
            if data == "[DONE]":
                break
            for choice in json.loads(data)["choices"]:
                print(choice["delta"].get("content") or "", end="", flush=True)
        print()


if __name__ == "__main__":
    main()
