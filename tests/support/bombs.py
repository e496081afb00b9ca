"""Git objects and packs made by hand, small on the wire and huge when they are unpacked; and a git server that serves them."""

import hashlib
import http.server
import ssl
import struct
import subprocess
import threading
import zlib

MIB = 1 << 20
KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4, "offset": 6}
WHO = "a <a@example.org> 1700000000 +0000"


def object_header(kind, size):
    """A pack's entry: type and size, four and then seven bits of it in each byte, the least significant first."""
    first, size = (KINDS[kind] << 4) | (size & 15), size >> 4
    out = bytearray()
    while size:
        out.append(first | 128)
        first, size = size & 127, size >> 7
    return bytes(out + bytes([first]))


def deflated(head, mebibytes, fill):
    """The zlib stream, the SHA-1 and the size of `head` and so many MiB of one byte: one block, repeated. `head` has a blob's kind."""
    kind, text = head
    size = len(text) + mebibytes * MIB
    digest = hashlib.sha1(f"{kind} {size}\0".encode() + text)
    block = fill * MIB
    one = zlib.compressobj(9, zlib.DEFLATED, -15)
    repeated = one.compress(block) + one.flush(zlib.Z_FULL_FLUSH)
    start = zlib.compressobj(9, zlib.DEFLATED, -15)
    begin = start.compress(text) + start.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush(zlib.Z_FINISH)
    adler = zlib.adler32(text)
    for _ in range(mebibytes):
        digest.update(block)
        adler = zlib.adler32(block, adler)
    return b"\x78\xda" + begin + repeated * mebibytes + end + struct.pack(">I", adler), digest.hexdigest(), size


def number(value):
    """As a delta has its sizes."""
    out = bytearray()
    while value >= 128:
        out.append((value & 127) | 128)
        value >>= 7
    return bytes(out + bytes([value]))


class Pack:
    """`claimed`: how many objects it says to have, when that is a lie."""

    def __init__(self, claimed=None):
        self.entries, self.count, self.claimed, self.size, self.names = [], 0, claimed, 12, set()

    def put(self, entry):
        self.entries.append(entry)
        self.count += 1
        self.size += len(entry)

    def add(self, kind, body):
        name = hashlib.sha1(f"{kind} {len(body)}\0".encode() + body).hexdigest()
        if name not in self.names:
            self.names.add(name)
            self.put(object_header(kind, len(body)) + zlib.compress(body))
        return name

    def add_huge(self, kind, text, mebibytes, fill=b"x"):
        stream, name, size = deflated((kind, text), mebibytes, fill)
        self.put(object_header(kind, size) + stream)
        return name

    def add_grown(self, kind, text, mebibytes, fill=b"x"):
        """The same object as `add_huge` has, of a few bytes that a delta repeats."""
        body = text + fill * MIB
        offset = self.size
        self.add(kind, body)
        copy_text = b"\x90" + bytes([len(text)])  # from 0, one byte of size
        copy_block = b"\xc1" + bytes([len(text)]) + b"\x10"  # one byte of offset, 1 MiB: the third byte of size
        delta = number(len(body)) + number(len(text) + mebibytes * MIB) + copy_text + copy_block * mebibytes
        back, place = self.size - offset, bytearray()
        place.append(back & 127)
        while back := back >> 7:
            back -= 1
            place.insert(0, (back & 127) | 128)
        self.put(object_header("offset", len(delta)) + bytes(place) + zlib.compress(delta))
        digest = hashlib.sha1(f"{kind} {len(text) + mebibytes * MIB}\0".encode() + text)
        for _ in range(mebibytes):
            digest.update(fill * MIB)
        return digest.hexdigest()

    def add_tree(self, entries):
        return self.add("tree", b"".join(mode.encode() + b" " + name.encode() + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries))

    def bytes(self):
        out = b"PACK" + struct.pack(">II", 2, self.count if self.claimed is None else self.claimed) + b"".join(self.entries)
        return out + hashlib.sha1(out).digest()


def commit_text(tree, *parents):
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents), f"author {WHO}", f"committer {WHO}", "", ""]
    return "\n".join(lines).encode()


def packet(text):
    return f"{len(text) + 4:04x}".encode() + text


class GitServer:
    """Speaks git over TLS on 127.0.0.1. Its one branch, `main`, is at `tip`, and whatever is asked for, `pack` is sent. With `endless`
    it lists branches until it is not listened to any more."""

    def __init__(self, top, tip="0" * 40, pack=b"", endless=False):
        self.key, self.certificate = top / "server.key", top / "server.pem"
        if not self.certificate.exists():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", self.key, "-out", self.certificate],
                           check=True, capture_output=True, timeout=600)
        self.tip, self.pack, self.endless, self.sent = tip, pack, endless, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                first = packet(b"# service=git-upload-pack\n") + b"0000" + packet(f"{outer.tip} refs/heads/main\0ofs-delta\n".encode())
                self.start("advertisement", None if outer.endless else len(first) + 4)
                self.wfile.write(first)
                count = 0
                while outer.endless:
                    lines = b"".join(packet(f"{outer.tip} refs/heads/{count + i:08}\n".encode()) for i in range(4000))
                    count += 4000
                    self.wfile.write(lines)
                    outer.sent += len(lines)
                self.wfile.write(b"0000")

            def do_POST(self):
                asked = self.rfile.read(int(self.headers["Content-Length"]))
                answer = packet(b"NAK\n") + (outer.pack if asked.endswith(b"done\n") else b"")
                self.start("result", len(answer))
                self.wfile.write(answer)

            def start(self, what, length=None):
                self.send_response(200)
                self.send_header("Content-Type", f"application/x-git-upload-pack-{what}")
                if length is not None:
                    self.send_header("Content-Length", str(length))
                self.end_headers()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # who is not listened to any more
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://localhost:{self.server.server_address[1]}/spec.git"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
