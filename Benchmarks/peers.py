#!/usr/bin/env python3
"""The peers' side of the benchmarks: each call measures one thing in a process of its own and prints one line of JSON.
compare.py calls it, with a Python that has the peer."""
import argparse
import io
import json
import sys
import threading
import time

import numpy as np


class PyTorch:
    def __init__(self, arguments):
        import torch

        import peer_models

        self.torch = torch
        torch.set_num_threads(arguments.threads // arguments.streams)
        self.model = peer_models.load(arguments.weights, arguments.tower)
        self.bf16 = arguments.precision == "bf16"
        if self.bf16:
            self.model = self.model.bfloat16()

    def input(self, values, tower):
        x = self.torch.from_numpy(values)
        return x.bfloat16() if self.bf16 and tower == "image" else x

    def run(self, x):
        with self.torch.no_grad():
            return self.model(x).float().numpy()


class ONNXRuntime:
    def __init__(self, arguments):
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = arguments.threads // arguments.streams
        options.inter_op_num_threads = 1
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = ort.InferenceSession(arguments.onnx, options, providers=["CPUExecutionProvider"])
        self.name = self.session.get_inputs()[0].name

    def input(self, values, tower):
        return values

    def run(self, x):
        return self.session.run(None, {self.name: x})[0]


class OpenVINO:
    def __init__(self, arguments):
        import openvino

        core = openvino.Core()
        self.model = core.compile_model(core.read_model(arguments.onnx), "CPU", {
            "INFERENCE_NUM_THREADS": arguments.threads, "NUM_STREAMS": arguments.streams,
            "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[arguments.precision],
            "ENABLE_CPU_PINNING": False})
        self.requests = threading.local()

    def input(self, values, tower):
        return values

    def run(self, x):
        if not hasattr(self.requests, "own"):
            self.requests.own = self.model.create_infer_request()
        return self.requests.own.infer([x], share_inputs=True)[0]


PROGRAMS = {"pytorch": PyTorch, "onnxruntime": ONNXRuntime, "openvino": OpenVINO}


def read_input(arguments):
    values = np.load(arguments.input)
    return values.astype(np.int64) if arguments.tower == "text" else values


def side_by_side(program, x, streams):
    """A function that runs `streams` batches at once, each on a thread of its own, and returns the first one's result."""
    if streams == 1:
        return lambda: program.run(x)
    start, end = threading.Barrier(streams), threading.Barrier(streams)

    def work():
        while True:
            start.wait()
            program.run(x)
            end.wait()

    for _ in range(streams - 1):
        threading.Thread(target=work, daemon=True).start()

    def run():
        start.wait()
        result = program.run(x)
        end.wait()
        return result

    return run


def fastest(seconds, body):
    """Seconds of the fastest run of as many as fit into `seconds`, three at least, after one that does not count."""
    body()
    best, runs, began = float("inf"), 0, time.perf_counter()
    while runs < 3 or time.perf_counter() - began < seconds:
        start = time.perf_counter()
        body()
        best = min(best, time.perf_counter() - start)
        runs += 1
    return best


def unit(x):
    x = x.astype(np.float64)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def measure(arguments):
    program = PROGRAMS[arguments.program](arguments)
    x = program.input(read_input(arguments), arguments.tower)
    run = side_by_side(program, x, arguments.streams)
    features = run()
    best = fastest(arguments.seconds, run)
    report = {"rate": len(features) * arguments.streams / best}
    if arguments.reference:
        report["difference"] = float(np.abs(unit(features) - unit(np.load(arguments.reference))).max())
    print(json.dumps(report))


def load(arguments):
    """One image by a program that has just started; compare.py takes time and memory."""
    program = PROGRAMS[arguments.program](arguments)
    program.run(program.input(read_input(arguments)[:1], arguments.tower))


def export(arguments):
    import torch

    import peer_models

    model = peer_models.load(arguments.weights, arguments.tower)
    x = torch.from_numpy(read_input(arguments)[:arguments.batch])
    torch.onnx.export(model, x, arguments.onnx, opset_version=14, do_constant_folding=True)


def trimmed(arguments):
    """A list of token sequences sorted by length, each batch as long as its longest: seconds for all, from a sample of batches."""
    tokens = read_input(arguments)
    lengths = tokens.argmax(-1) + 1
    order = np.argsort(lengths, kind="stable")
    program = PROGRAMS[arguments.program](arguments)
    batches = [order[i:i + arguments.batch] for i in range(0, len(order), arguments.batch)]
    sample = batches[arguments.stride // 2::arguments.stride]
    inputs = [program.input(np.ascontiguousarray(tokens[b, :lengths[b].max()]), "text") for b in sample]
    program.run(inputs[0])
    start = time.perf_counter()
    for x in inputs:
        program.run(x)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds * len(tokens) / sum(map(len, sample)), "sampled": sum(map(len, sample))}))


def versions(arguments):
    """Which peers this Python has."""
    found = {}
    for name, module in [("pytorch", "torch"), ("onnxruntime", "onnxruntime"), ("openvino", "openvino"), ("pillow", "PIL")]:
        try:
            found[name] = __import__(module).__version__.split("-")[0]
        except ImportError:
            pass
    print(json.dumps(found))


def pillow(arguments):
    from PIL import Image

    mean = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)[:, None, None]
    std = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)[:, None, None]
    photo = open(arguments.photo, "rb").read()
    rounds = 30

    def decode():
        for _ in range(rounds):
            Image.open(io.BytesIO(photo)).load()

    def preprocess():
        for _ in range(rounds):
            image = Image.open(io.BytesIO(photo))
            w, h = image.size
            w, h = (224, int(224 * h / w)) if w <= h else (int(224 * w / h), 224)
            image = image.resize((w, h), Image.BICUBIC)
            left, top = round((w - 224) / 2), round((h - 224) / 2)
            image = image.crop((left, top, left + 224, top + 224)).convert("RGB")
            pixels = np.asarray(image).transpose(2, 0, 1).astype(np.float32) / 255
            (pixels - mean) / std

    for name, body in [("decode", decode), ("preprocess", preprocess)]:
        print(f"{'Pillow ' + name + ', 1 thread':<46}{rounds / fastest(1, body):8.1f} images/s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["measure", "load", "export", "trimmed", "versions", "pillow"])
    parser.add_argument("--program", choices=PROGRAMS)
    parser.add_argument("--weights", help="safetensors file")
    parser.add_argument("--onnx", help="the model exported from it")
    parser.add_argument("--tower", choices=["image", "text"], default="image")
    parser.add_argument("--input", help=".npy of the batch")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--streams", type=int, default=1, help="batches side by side; threads are shared out")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--reference", help=".npy of the features to compare with")
    parser.add_argument("--stride", type=int, default=40, help="of trimmed: every so many batches are measured")
    parser.add_argument("--photo")
    arguments = parser.parse_args()
    globals()[arguments.action](arguments)


if __name__ == "__main__":
    sys.exit(main())
