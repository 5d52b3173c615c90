#!/usr/bin/env python3
"""Renders Benchmarks/data/photo-500x375.jpg: 1/f noise in luminance and softer colour, about as many bytes as an
ImageNet photo of that size (quality 90, 4:2:0). Needs numpy and Pillow. Usage: make-benchmark-photo.py OUTPUT"""
import sys

import numpy as np
from PIL import Image

W, H = 500, 375


def noise(rng, slope):
    fy, fx = np.fft.fftfreq(H)[:, None], np.fft.fftfreq(W)[None, :]
    radius = np.hypot(fx, fy)
    radius[0, 0] = 1
    spectrum = (rng.normal(size=(H, W)) + 1j * rng.normal(size=(H, W))) / radius**slope
    spectrum[0, 0] = 0
    field = np.fft.ifft2(spectrum).real
    return field / field.std()


rng = np.random.default_rng(1)
y, cb, cr = noise(rng, 1.15), noise(rng, 1.5), noise(rng, 1.5)
planes = [np.clip(128 + a * p, 0, 255).astype(np.uint8) for a, p in ((48, y), (16, cb), (16, cr))]
Image.merge("YCbCr", [Image.fromarray(p) for p in planes]).convert("RGB").save(sys.argv[1], quality=90, subsampling=2)
