# SPDX-License-Identifier: MIT
"""sowd beside nginx, over loopback, with the same clients.

Usage: loopback.py SOWD [--rounds N] [--largest BYTES] [--json FILE] [--check]

Both serve the same bytes, a he_normal float32 tensor: sowd makes them, nginx
(one worker, sendfile) takes them from a file in memory that was fetched from
sowd beforehand.  Streams are read by one connection into one buffer and
dropped; requests a second are wrk's, over 32 connections kept alive.  The
servers take turns within a round, and what counts is the median over the
rounds of the ratio within a round.  Beside it stands the same ratio by the
servers' processor time, which other work on the machine disturbs less.  With
--check exits 1 when a target is missed.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
SIZES = [KIB, 64 * KIB, MIB, 64 * MIB, GIB]
SHORTEST = 0.3  # seconds for one measurement of a stream
STREAM_TARGET = 0.35  # of nginx, for sizes from
STREAM_TARGET_FROM = 64 * MIB
REQUESTS_TARGET = 0.90  # of nginx, for a tensor of 1 KiB
WRK_SECONDS = 2
BUFFER = bytearray(MIB)

NGINX_CONF = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    keepalive_requests 1000000000;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


def size_name(size):
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size >= unit:
            return f"{size // unit} {name}"
    return f"{size} B"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Connection:
    """One connection, kept alive, that drops what it reads."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, target, keep=None):
        """Read the answer; returns the body's size.  'keep' is a file."""
        request = f"GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n"
        self.socket.sendall(request.encode())
        filled, end = 0, -1
        while end < 0:
            n = self.socket.recv_into(memoryview(BUFFER)[filled:])
            if n == 0:
                raise RuntimeError("the server hung up")
            filled += n
            end = BUFFER.find(b"\r\n\r\n", 0, filled)
        head = bytes(BUFFER[:end]).decode("latin-1")
        if not head.startswith("HTTP/1.1 200"):
            raise RuntimeError(f"{target}: {head.splitlines()[0]}")
        size = int(re.search(r"(?i)content-length: *(\d+)", head)[1])
        if keep:
            keep.write(BUFFER[end + 4 : filled])
        left = size - (filled - end - 4)
        while left > 0:
            n = self.socket.recv_into(BUFFER)
            if n == 0:
                raise RuntimeError("the server hung up")
            if keep:
                keep.write(memoryview(BUFFER)[:n])
            left -= n
        return size

    def close(self):
        self.socket.close()


class Server:
    """A process that listens, and the target of a tensor of some size."""

    def __init__(self, name, port, target, command):
        self.name, self.port, self.target = name, port, target
        self.process = subprocess.Popen(command)
        for _ in range(200):
            with contextlib.suppress(OSError):
                Connection(port).close()
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{name} doesn't listen")

    def cpu(self):
        """Seconds of processor time so far, of all threads."""
        tasks = f"/proc/{self.process.pid}/task"
        nanoseconds = 0
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/schedstat", encoding="ascii") as file:
                nanoseconds += int(file.read().split()[0])
        return nanoseconds * 1e-9

    def stop(self):
        self.process.terminate()
        self.process.wait()


def sow_target(size):
    shape = f"{size // 64},16" if size < MIB else f"{size // 4096},1024"
    return f"/v1/weights?shape={shape}&scheme=he_normal&seed=42&digest=off"


def start_sowd(sowd, name, threads):
    port = free_port()
    command = [sowd, "--listen", f"127.0.0.1:{port}", "--log-level", "warn"]
    return Server(name, port, sow_target, command + threads)


def start_nginx(folder):
    port = free_port()
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w", encoding="utf-8") as out:
        if os.geteuid() == 0:
            out.write("user root;\n")
        out.write(NGINX_CONF.format(folder=folder, port=port))
    command = ["nginx", "-c", conf, "-p", folder, "-e", "stderr"]
    return Server("nginx", port, lambda size: f"/{size}.bin", command)


def write_files(server, folder, sizes):
    """Each size's bytes, as sowd gives them, for nginx to serve."""
    os.mkdir(os.path.join(folder, "files"))
    for size in sizes:
        connection = Connection(server.port)
        with open(f"{folder}/files/{size}.bin", "wb") as out:
            connection.get(server.target(size), out)
        connection.close()


def stream(server, size):
    """Get 'size' bytes again and again: bytes, and seconds."""
    connection = Connection(server.port)
    target = server.target(size)
    if size <= MIB:
        connection.get(target)
    total, passed = 0, 0.0
    begin = time.perf_counter()
    while passed < SHORTEST:
        total += connection.get(target)
        passed = time.perf_counter() - begin
    connection.close()
    return total, passed


def requests(server, size):
    """Requests that wrk got answered, and seconds."""
    url = f"http://127.0.0.1:{server.port}{server.target(size)}"
    command = ["wrk", "-t1", "-c32", f"-d{WRK_SECONDS}s", url]
    text = subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"{server.name}: {text}")
    rate = float(re.search(r"Requests/sec: *([\d.]+)", text)[1])
    return rate * WRK_SECONDS, WRK_SECONDS


def rates(measure, server, size):
    """By the clock, and by the server's processor time."""
    begin = server.cpu()
    amount, passed = measure(server, size)
    return amount / passed, amount / (server.cpu() - begin)


def compare(servers, measure, size, rounds):
    """Each server's medians, and those of its ratios to the last's."""
    results = [
        [rates(measure, server, size) for server in servers]
        for _ in range(rounds)
    ]

    def median(i, kind):
        return statistics.median(r[i][kind] for r in results)

    def ratio(i, kind):
        return round(
            statistics.median(r[i][kind] / r[-1][kind] for r in results), 4
        )

    return {
        server.name: {
            "median": median(i, 0),
            "of_nginx": ratio(i, 0),
            "per_cpu_second": median(i, 1),
            "per_cpu_second_of_nginx": ratio(i, 1),
        }
        for i, server in enumerate(servers)
    }


def measure_all(servers, sizes, rounds):
    rows = []
    for size in sizes:
        row = compare(servers, stream, size, rounds)
        target = STREAM_TARGET if size >= STREAM_TARGET_FROM else None
        rows.append(("bytes_per_s", size, target, row))
    row = compare(servers, requests, KIB, rounds)
    rows.append(("requests_per_s", KIB, REQUESTS_TARGET, row))
    return [
        {
            "what": what,
            "bytes": size,
            "servers": row,
            "target": target,
            "reached": target is None
            or row["sowd --threads 1"]["of_nginx"] >= target,
        }
        for what, size, target, row in rows
    ]


def print_table(rows):
    names = list(rows[0]["servers"])
    print("In parentheses: of nginx, by the clock and by processor time.")
    print(f"{'body':6} {'':10}" + "".join(f"{n:>27}" for n in names))
    for row in rows:
        streams = row["what"] == "bytes_per_s"
        scale, unit = (1e9, "GB/s") if streams else (1, "requests/s")
        line = f"{size_name(row['bytes']):6} {unit:10}"
        for name in names:
            cell = row["servers"][name]
            value = f"{cell['median'] / scale:,.{2 if streams else 0}f}"
            line += f"{value:>12} ({cell['of_nginx'] * 100:4.0f} %, "
            line += f"{cell['per_cpu_second_of_nginx'] * 100:3.0f} %)"
        if row["target"]:
            line += f"  >= {row['target'] * 100:.0f} % "
            line += "reached" if row["reached"] else "MISSED"
        print(line)


def folder_in_memory():
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix="sow-bench-", dir=parent)


def check_tools():
    missing = [
        package
        for tool, package in (("nginx", "nginx-light"), ("wrk", "wrk"))
        if not shutil.which(tool)
    ]
    if missing:
        names = " and ".join(missing)
        sys.exit(f"loopback.py: needs Debian's {names}: make deps-bench")


def run(sowd, rounds, largest):
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(folder_in_memory())
        room = shutil.disk_usage(folder).free * 3 // 4
        sizes = [size for size in SIZES if size <= largest]
        while sum(sizes) > room:
            print(f"no room for {size_name(sizes.pop())} in {folder}")
        servers = []
        for name, threads in (
            ("sowd --threads 1", ["--threads", "1"]),
            ("sowd", []),
        ):
            servers.append(start_sowd(sowd, name, threads))
            stack.callback(servers[-1].stop)
        write_files(servers[0], folder, sizes)
        servers.append(start_nginx(folder))
        stack.callback(servers[-1].stop)
        return measure_all(servers, sizes, rounds)


def main():
    parser = argparse.ArgumentParser(description="sowd beside nginx")
    parser.add_argument("sowd")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    parser.add_argument("--json")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    check_tools()
    rows = run(options.sowd, options.rounds, options.largest)
    print_table(rows)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            report = {"bench": "loopback", "rounds": options.rounds}
            json.dump(report | {"rows": rows}, out, indent=1)
    missed = not all(row["reached"] for row in rows)
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
