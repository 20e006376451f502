# SPDX-License-Identifier: MIT
"""What a training job waits for: a model's weights in memory, beside torch
making its own; the first byte of any model; a manifest of many tensors; and
the memory that the daemon takes meanwhile.

Usage: clients.py SOWD [--rounds N] [--model NAME] [--json FILE] [--check]

The model (TinyLlama 1.1B in float32) is fetched from a daemon on this machine
with the client in api/python, without verifying and verifying digests that
were never asked for before.  Beside it torch initializes modules of the same
shapes, nn.Linear, nn.Embedding and nn.RMSNorm, by their reset_parameters(),
with all processors, in memory that their constructor has just allocated: what
is timed is reset_parameters() alone, where the client's time has its memory in
it.  Before each the same amount is touched, allocated as it will be.  They
take turns within a round, and what counts is the median of the ratios within a
round; beside it stands the ratio of the processor time, the daemon's included.
It takes 4.4 GB.

Every other row is a median too: of the time to a body's first byte, each with
another seed; of a POST's whole time, as curl takes it.  The daemon's memory is
the most that it ever had resident.  With --check exits 1 when a target is
missed.
"""

import argparse
import contextlib
import ctypes
import gc
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import loopback

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../api/python"))

MIB = 1 << 20
MODEL = "init/tinyllama-1.1b"
TIME_TARGET = 0.6  # of torch's, without verifying
FIRST_BYTE_TARGET = 0.020  # seconds
MANIFEST_TARGET = 0.300  # seconds, for
MANIFEST_TENSORS = 100_000
RESIDENT_TARGET = 64 * MIB
STREAMED = 2048 * MIB  # of the huge model, while the daemon is looked at

FIRST_BYTES = [
    f"/v1/weights?recipe={name}&seed={{seed}}&format=safetensors"
    for name in ("init/gpt2", MODEL, "init/llama-3-8b", "bench/huge")
] + [
    "/init/gpt2/resolve/seed-{seed}/model.safetensors",
    "/init/llama-3-8b/resolve/seed-{seed}/{shard}",
    "/bench/huge/resolve/seed-{seed}/{shard}",
]

# 1.0 TB in float32.
HUGE = {
    "model_type": "llama",
    "hidden_size": 16384,
    "intermediate_size": 53248,
    "num_hidden_layers": 78,
    "num_attention_heads": 128,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
}

# Each is MANIFEST_TENSORS tensors.
LAYERS = {
    "seed": 42,
    "scheme": "he_normal",
    "layers": [
        {"name": f"layers.{i // 10}.fc{i % 10}.weight", "shape": [640, 320]}
        for i in range(MANIFEST_TENSORS)
    ],
}
TYPES = {
    "seed": 42,
    "layers": [
        {"name": f"layers.{i}", "type": "linear", "in_features": 640,
         "out_features": 320}
        for i in range(MANIFEST_TENSORS // 2)
    ],
}
CONFIG = {
    "seed": 42,
    "config": {
        "model_type": "llama",
        "hidden_size": 640,
        "intermediate_size": 1280,
        "num_hidden_layers": MANIFEST_TENSORS // 9,
        "num_attention_heads": 10,
        "vocab_size": 1000,
    },
}


# ---- the daemon ------------------------------------------------------------


def start_sowd(sowd, folder):
    port = loopback.free_port()
    command = [sowd, "--listen", f"127.0.0.1:{port}", "--log-level", "warn"]
    return loopback.Server("sowd", port, None, command + ["--recipes", folder])


def connect(server):
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)


def ask(server, method, target, body=None, headers=None):
    """The whole answer, and its headers."""
    with contextlib.closing(connect(server)) as connection:
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {target}: {answer.status} {text}")
        return text, answer.headers


def put_huge(server):
    ask(server, "PUT", "/v1/recipes/bench/huge", json.dumps({"config": HUGE}),
        {"Content-Type": "application/json"})


def resident(server, key):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"no {key}")


# ---- a model in memory -----------------------------------------------------


def modules(shapes):
    """torch's modules for the tensors of a model, without memory as yet."""
    from torch import nn

    with __import__("torch").device("meta"):
        for name, shape in shapes:
            if len(shape) == 1:
                yield nn.RMSNorm(shape[0])
            elif "embed" in name:
                yield nn.Embedding(*shape)
            else:
                yield nn.Linear(shape[1], shape[0], bias=False)


def warm(size, allocate):
    """Touch as much memory and give it back: a virtual machine's host may
    take seconds to find the first of it, whoever asks.  It has to come from
    the allocator that is measured next: freed small pages are not the ones
    that large pages are made of."""
    block = memoryview(allocate(size))
    memory = (ctypes.c_char * size).from_buffer(block)
    ctypes.memset(memory, 1, size)


def timed(server, run):
    """Seconds, and processor seconds of this process and the server."""
    begin = time.perf_counter(), time.process_time() + server.cpu()
    run()
    return (time.perf_counter() - begin[0],
            time.process_time() + server.cpu() - begin[1])


def time_torch(server, shapes):
    made = [module.to_empty(device="cpu") for module in modules(shapes)]

    def run():
        for module in made:
            module.reset_parameters()

    return timed(server, run)


def time_sow(server, client, model, seed, shapes):
    state = {}
    passed = timed(server, lambda: state.update(
        client.state_dict(model, seed=seed, dtype="float32")))
    found = {name: list(tensor.shape) for name, tensor in state.items()}
    if found != dict(shapes):
        raise RuntimeError(f"{model} has other tensors than its manifest")
    return passed


def measure_state(server, model, rounds):
    import torch

    import sow
    from sow.memory import allocate as allocate_sow

    def allocate_torch(size):
        return torch.empty(size, dtype=torch.uint8).numpy()

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    url = f"http://127.0.0.1:{server.port}"
    trusting = sow.Client(url, verify=None, progress=False)
    verifying = sow.Client(url, progress=False)
    manifest = trusting.manifest(model, digest="off")
    shapes = [(entry["name"], entry["shape"]) for entry in manifest["tensors"]]
    size = sum(entry["bytes"] for entry in manifest["tensors"])
    times = []
    for seed in range(rounds):
        times.append([])
        for allocate, measure in (
            (allocate_torch, lambda: time_torch(server, shapes)),
            (allocate_sow,
             lambda: time_sow(server, trusting, model, seed, shapes)),
            (allocate_sow,
             lambda: time_sow(server, verifying, model, seed, shapes)),
        ):
            gc.collect()
            warm(size, allocate)
            times[-1].append(measure())
    rows = []
    for i, (what, target) in enumerate((("verify=None", TIME_TARGET),
                                        ("verified", None)), 1):
        ratio, processor_ratio = (
            statistics.median(row[i][kind] / row[0][kind] for row in times)
            for kind in (0, 1))
        rows.append({
            "what": f"state_dict of {model}, {what}",
            "seconds": statistics.median(row[i][0] for row in times),
            "processor_seconds": statistics.median(row[i][1] for row in times),
            "torch_seconds": statistics.median(row[0][0] for row in times),
            "of_torch": ratio,
            "processor_of_torch": processor_ratio,
            "target": target,
            "reached": target is None or ratio <= target,
        })
    return rows


# ---- first bytes, manifests, memory ----------------------------------------


def first_byte_time(server, target):
    """Seconds from connecting until the body's first byte."""
    begin = time.perf_counter()
    with contextlib.closing(connect(server)) as connection:
        connection.request("GET", target)
        answer = connection.getresponse()
        if answer.status != 200 or not answer.read(1):
            raise RuntimeError(f"{target}: {answer.status}")
        return time.perf_counter() - begin


def last_shard(server, target):
    """The name of the last of a repository's files of weights."""
    name = "/".join(target.split("/")[1:3])
    text, _ = ask(server, "GET", f"/{name}/resolve/main/"
                                 "model.safetensors.index.json")
    return max(json.loads(text)["weight_map"].values())


def measure_first_bytes(server, rounds):
    rows = []
    for target in FIRST_BYTES:
        shard = last_shard(server, target) if "{shard}" in target else ""
        times = [
            first_byte_time(server, target.format(seed=seed, shard=shard))
            for seed in range(1, 2 * rounds)
        ]
        median = statistics.median(times)
        rows.append({
            "what": "first byte of " + target.format(seed="N", shard=shard),
            "seconds": median,
            "slowest_seconds": max(times),
            "target": FIRST_BYTE_TARGET,
            "reached": median < FIRST_BYTE_TARGET,
        })
    return rows


def post_time(server, folder):
    """Seconds that curl takes to post a file, and to save the answer."""
    url = f"http://127.0.0.1:{server.port}/v1/weights?format=manifest"
    command = ["curl", "-sf", "-o", f"{folder}/answer", "-w", "%{time_total}"]
    command += ["--json", f"@{folder}/body", "-H", "Expect:", url]
    return float(subprocess.run(command, check=True,
                                stdout=subprocess.PIPE).stdout)


def measure_manifest(server, rounds, what, document, folder):
    with open(f"{folder}/body", "w", encoding="ascii") as body:
        json.dump(document, body)
    before = server.cpu()
    times = [post_time(server, folder) for _ in range(rounds)]
    cpu = (server.cpu() - before) / rounds
    with open(f"{folder}/answer", encoding="ascii") as answer:
        count = len(json.load(answer)["tensors"])
    median = statistics.median(times)
    return {
        "what": f"manifest of {count} tensors, from {what}",
        "seconds": median,
        "processor_seconds": cpu,
        "target": MANIFEST_TARGET,
        "reached": median < MANIFEST_TARGET,
    }


def measure_manifests(server, rounds):
    with loopback.folder_in_memory() as folder:
        for what, document in (("entries", LAYERS), ("types", TYPES),
                               ("a config", CONFIG)):
            yield measure_manifest(server, rounds, what, document, folder)


def measure_resident(server):
    """The most that a daemon has resident that serves nothing but 1 TB."""
    put_huge(server)
    target = "/v1/weights?recipe=bench/huge&format=safetensors"
    _, headers = ask(server, "HEAD", target)
    size = int(headers["Content-Length"])
    begin = time.perf_counter()
    middle = {"Range": f"bytes={size // 2}-{size // 2 + STREAMED - 1}"}
    with contextlib.closing(connect(server)) as connection:
        connection.request("GET", target, headers=middle)
        answer = connection.getresponse()
        first = time.perf_counter() - begin
        left = STREAMED
        while left > 0:
            n = answer.readinto(loopback.BUFFER)
            if n == 0:
                raise RuntimeError("the server hung up")
            left -= n
    peak = resident(server, "VmHWM")
    return {
        "what": f"resident, serving {STREAMED} of {size} bytes",
        "bytes": peak,
        "seconds": first,
        "target": RESIDENT_TARGET,
        "reached": peak < RESIDENT_TARGET,
    }


# ---- the whole -------------------------------------------------------------


def print_row(row):
    if "bytes" in row:
        line = f"{row['bytes'] / MIB:9.1f} MiB"
    else:
        line = f"{row['seconds'] * 1e3:9.1f} ms "
    if "processor_seconds" in row:
        line += f" ({row['processor_seconds'] * 1e3:.0f} ms of processors)"
    if "of_torch" in row:
        line += f"  {row['of_torch']:.2f} ({row['processor_of_torch']:.2f})"
        line += f" of torch's {row['torch_seconds'] * 1e3:.0f} ms"
    if row["target"]:
        line += "  reached" if row["reached"] else "  MISSED "
    print(f"{line}  {row['what']}", flush=True)


def measure_all(options):
    with contextlib.ExitStack() as stack:
        servers = []
        for _ in range(2):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            servers.append(start_sowd(options.sowd, folder))
            stack.callback(servers[-1].stop)
        server, other = servers
        yield measure_resident(other)
        put_huge(server)
        yield from measure_first_bytes(server, options.rounds)
        yield from measure_manifests(server, options.rounds)
        if options.model != "none":
            yield from measure_state(server, options.model, options.rounds)


def main():
    parser = argparse.ArgumentParser(description="what training jobs wait for")
    parser.add_argument("sowd")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", default=MODEL, help="'none' to go without")
    parser.add_argument("--json")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    rows = []
    for row in measure_all(options):
        rows.append(row)
        print_row(row)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            report = {"bench": "clients", "rounds": options.rounds}
            json.dump(report | {"rows": rows}, out, indent=1)
    missed = not all(row["reached"] for row in rows)
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
