"""The two preprocessing orders, written with Pillow alone: what the Swift code is compared with.

openai: torchvision's Resize(n, bicubic), CenterCrop(n) on a PIL image, then convert("RGB").
huggingface: transformers' CLIPImageProcessor: convert("RGB"), resize, center_crop on an array.
"""
import math

import numpy as np
from PIL import Image, ImageOps


def resized_size(width, height, n):
    short, long = (width, height) if width <= height else (height, width)
    new_long = int(n * long / short)
    return (n, new_long) if width <= height else (new_long, n)


def resize(image, n, how):
    if how == "none":
        return image
    size = (n, n) if how == "squash" else resized_size(*image.size, n)
    return image if size == image.size else image.resize(size, Image.BICUBIC)


def openai(image, n, how="shorter", crop=True):
    image = resize(image, n, how)
    if crop:
        width, height = image.size
        if n > width or n > height:
            border = (
                (n - width) // 2 if n > width else 0,
                (n - height) // 2 if n > height else 0,
                (n - width + 1) // 2 if n > width else 0,
                (n - height + 1) // 2 if n > height else 0,
            )
            if image.mode == "P":
                palette = image.getpalette()
                image = ImageOps.expand(image, border=border, fill=0)
                image.putpalette(palette)
            else:
                image = ImageOps.expand(image, border=border, fill=0)
            width, height = image.size
        top = int(round((height - n) / 2.0))
        left = int(round((width - n) / 2.0))
        image = image.crop((left, top, left + n, top + n))
    return np.asarray(image.convert("RGB"))


def huggingface(image, n, how="shorter", crop=True):
    pixels = np.asarray(resize(image.convert("RGB"), n, how))
    if not crop:
        return pixels
    height, width = pixels.shape[:2]
    top, left = (height - n) // 2, (width - n) // 2
    bottom, right = top + n, left + n
    if top >= 0 and bottom <= height and left >= 0 and right <= width:
        return pixels[top:bottom, left:right]
    new_height, new_width = max(n, height), max(n, width)
    padded = np.zeros((new_height, new_width, 3), np.uint8)
    top_pad, left_pad = math.ceil((new_height - height) / 2), math.ceil((new_width - width) / 2)
    padded[top_pad : top_pad + height, left_pad : left_pad + width] = pixels
    top, bottom, left, right = top + top_pad, bottom + top_pad, left + left_pad, right + left_pad
    return padded[max(0, top) : min(new_height, bottom), max(0, left) : min(new_width, right)]


ORDERS = {"openai": openai, "huggingface": huggingface}
