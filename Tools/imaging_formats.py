"""Images in the formats beside JPEG and PNG, in the variants that occur and those that are easily got wrong."""
import io
import struct
import zlib

import numpy as np
from PIL import Image


def saved(image, kind, **options):
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


# WebP

def riff_chunk(kind, data):
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def webp_animation(canvas, frames, alpha):
    """`frames`: (x, y, image) each; offsets are even."""
    u24 = lambda n: struct.pack("<I", n)[:3]
    head = struct.pack("<I", 0x02 | (0x10 if alpha else 0)) + u24(canvas[0] - 1) + u24(canvas[1] - 1)
    body = riff_chunk(b"VP8X", head) + riff_chunk(b"ANIM", struct.pack("<IH", 0xFF8040C0, 0))
    for x, y, image in frames:
        still = saved(image, "WEBP", lossless=True)
        assert still[12:16] == b"VP8L"
        size = struct.unpack("<I", still[16:20])[0]
        picture = riff_chunk(b"VP8L", still[20 : 20 + size])
        place = u24(x // 2) + u24(y // 2) + u24(image.width - 1) + u24(image.height - 1) + u24(100) + b"\0"
        body += riff_chunk(b"ANMF", place + picture)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


# GIF

def gif_codes(pixels, bits=8, interlaced=False):
    """LZW with a clear code before the table grows a bit; sub-blocks of up to 255 bytes."""
    height = pixels.shape[0]
    if interlaced:
        order = [*range(0, height, 8), *range(4, height, 8), *range(2, height, 4), *range(1, height, 2)]
        pixels = pixels[order]
    clear, width, run = 1 << bits, bits + 1, (1 << bits) - 2
    codes = []
    for i, value in enumerate(pixels.reshape(-1).tolist()):
        if i % run == 0:
            codes.append(clear)
        codes.append(value)
    codes.append(clear + 1)
    number = sum(code << (width * i) for i, code in enumerate(codes))
    data = number.to_bytes((width * len(codes) + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
    return bytes([bits]) + blocks + b"\0"


def gif_colours(palette):
    size = max(1, (len(palette) // 3 - 1).bit_length()) - 1
    return size, palette + bytes(3 * (2 << size) - len(palette))


def gif(screen, frames, palette=None, version=b"GIF89a"):
    """`frames`: dicts of pixels and optionally x, y, palette, transparent, interlaced, bits."""
    flags = 0
    table = b""
    if palette is not None:
        size, table = gif_colours(palette)
        flags = 0x80 | size
    data = version + struct.pack("<HHBBB", *screen, flags, 0, 0) + table
    for frame in frames:
        if "comment" in frame:
            data += b"!\xfe" + bytes([len(frame["comment"])]) + frame["comment"] + b"\0"
            data += b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
        if "transparent" in frame:
            data += b"!\xf9\x04\x01\0\0" + bytes([frame["transparent"]]) + b"\0"
        pixels = frame["pixels"]
        flags, table = 0x40 if frame.get("interlaced") else 0, b""
        if "palette" in frame:
            size, table = gif_colours(frame["palette"])
            flags |= 0x80 | size
        data += b"," + struct.pack("<HHHHB", frame.get("x", 0), frame.get("y", 0), *pixels.shape[::-1], flags)
        data += table + gif_codes(pixels, frame.get("bits", 8), frame.get("interlaced", False))
    return data + b";"


# TIFF

def tiff(width, height, tags, blocks, order="<", big=False):
    """One page of strips or tiles. `tags`: number → list of SHORTs, or of LONGs where any is over 65535."""
    tags = {256: [width], 257: [height], **tags}
    where, size = (324, 325) if 322 in tags else (273, 279)
    head = 16 if big else 8
    offsets, data = [], b""
    for block in blocks:
        offsets.append(head + len(data))
        data += block + b"\0" * (len(block) % 2)
    tags[where], tags[size] = offsets, [len(b) for b in blocks]
    ifd_at = head + len(data)
    entry = 20 if big else 12
    extra_at = ifd_at + (8 if big else 2) + entry * len(tags) + (8 if big else 4)
    ifd, extra = struct.pack(order + ("Q" if big else "H"), len(tags)), b""
    for tag, values in sorted(tags.items()):
        kind, letter = (4, "I") if max(values) > 65535 or tag in (where, size) else (3, "H")
        packed = struct.pack(f"{order}{len(values)}{letter}", *values)
        room = 8 if big else 4
        if len(packed) > room:
            field = struct.pack(order + ("Q" if big else "I"), extra_at + len(extra))
            extra += packed + b"\0" * (len(packed) % 2)
        else:
            field = packed.ljust(room, b"\0")
        ifd += struct.pack(order + ("HHQ" if big else "HHI"), tag, kind, len(values)) + field
    mark = b"II" if order == "<" else b"MM"
    start = (
        mark + struct.pack(order + "HHHQ", 43, 8, 0, ifd_at) if big
        else mark + struct.pack(order + "HI", 42, ifd_at))
    return start + data + ifd + struct.pack(order + ("Q" if big else "I"), 0) + extra


def tiff_of(pixels, photometric, order="<", rows=None, tile=None, deflate=False, separate=False, extra=None, big=False, **more):
    """`pixels`: height × width (× samples) of uint8 or uint16. `more`: further tags as t274=[6]."""
    height, width = pixels.shape[:2]
    samples = 1 if pixels.ndim == 2 else pixels.shape[2]
    cube = pixels.reshape(height, width, samples).astype(pixels.dtype.newbyteorder(order))
    tags = {258: [8 * pixels.itemsize] * samples, 259: [8 if deflate else 1], 262: [photometric], 277: [samples]}
    tags[284] = [2 if separate else 1]
    if extra:
        tags[338] = extra
    if tile:
        tags[322], tags[323] = [tile[0]], [tile[1]]
    else:
        tags[278] = [rows or height]
    tags.update({int(k[1:]): v for k, v in more.items()})
    blocks = []
    for plane in ([cube[..., c : c + 1] for c in range(samples)] if separate else [cube]):
        if tile:
            for y in range(0, height, tile[1]):
                for x in range(0, width, tile[0]):
                    part = plane[y : y + tile[1], x : x + tile[0]]
                    padding = [(0, tile[1] - part.shape[0]), (0, tile[0] - part.shape[1]), (0, 0)]
                    blocks.append(np.pad(part, padding).tobytes())
        else:
            step = rows or height
            blocks += [plane[y : y + step].tobytes() for y in range(0, height, step)]
    if deflate:
        blocks = [zlib.compress(b, 9) for b in blocks]
    return tiff(width, height, tags, blocks, order, big)


# BMP

def bmp(width, height, bits, rows, palette=b"", compression=0, header=40, masks=b"", top_down=False, colours=0):
    """`rows`: in the file's order, or the compressed data as one element."""
    if compression in (1, 2):
        data = rows[0]
    else:
        data = b"".join(r + b"\0" * (-len(r) % 4) for r in rows)
    offset = 14 + header + (len(masks) if header == 40 else 0) + len(palette)
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        signed = -height if top_down else height
        info = struct.pack(
            "<IIiHHIIIIII", header, width, signed, 1, bits, compression, len(data), 2835, 2835, colours, 0)
        info = (info + masks).ljust(header, b"\0") if header > 40 else info + masks
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + info + palette + data


def packed_rows(pixels, bits):
    per_byte = 8 // bits
    rows = []
    for row in pixels:
        row = np.concatenate([row, np.zeros(-len(row) % per_byte, np.uint8)]).reshape(-1, per_byte)
        rows.append(bytes(sum(int(v) << (bits * (per_byte - 1 - i)) for i, v in enumerate(r)) for r in row))
    return rows


def runs8(pixels):
    """Encoded runs, literals of 3 and more, an end mark after each row and after the last."""
    data = b""
    for row in pixels[::-1].tolist():
        at = 0
        while at < len(row):
            count = 1
            while at + count < len(row) and count < 255 and row[at + count] == row[at]:
                count += 1
            literal = row[at : at + 5]
            if count == 1 and len(literal) == 5:
                data += b"\0\5" + bytes(literal) + b"\0"
                at += 5
            else:
                data += bytes([count, row[at]])
                at += count
        data += b"\0\0"
    return data + b"\0\1"


def runs4(pixels):
    data = b""
    for row in pixels[::-1].tolist():
        for at in range(0, len(row), 6):
            part = row[at : at + 6]
            if len(set(part[0::2])) == 1 and len(set(part[1::2])) <= 1:
                second = part[1] if len(part) > 1 else 0
                data += bytes([len(part), part[0] << 4 | second])
            else:
                for value in part:
                    data += bytes([1, value << 4])
        data += b"\0\0"
    return data + b"\0\1"


def palette_of(colours, seed, entry=4):
    table = np.random.default_rng(seed).integers(0, 256, (colours, 3), np.uint8)
    return table.tobytes(), b"".join(bytes(c[::-1]) + b"\0" * (entry - 3) for c in table)


def npy(array):
    data = io.BytesIO()
    np.save(data, array)
    return data.getvalue()


def images(scene):
    rgb = lambda w, h, s: Image.fromarray(scene(w, h, 3, s))
    rgba = lambda w, h, s: Image.fromarray(scene(w, h, 4, s))
    grey = lambda w, h, s: Image.fromarray(scene(w, h, 1, s))
    words = lambda w, h, c, s: scene(w, h, c, s).astype(np.uint16) * 250 + 100
    few = lambda w, h, n, s: (scene(w, h, 1, s) // (256 // n + 1)).astype(np.uint8)

    yield "lossy-51x37.webp", saved(rgb(51, 37, 50), "WEBP", quality=70)
    yield "lossy-alpha-44x31.webp", saved(rgba(44, 31, 51), "WEBP", quality=60, alpha_quality=50)
    yield "lossless-33x26.webp", saved(rgb(33, 26, 52), "WEBP", lossless=True)
    yield "lossless-alpha-33x27.webp", saved(rgba(33, 27, 53), "WEBP", lossless=True)
    yield "lossless-palette-40x23.webp", saved(rgb(40, 23, 54).quantize(9).convert("RGB"), "WEBP", lossless=True)
    yield "metadata-35x24.webp", saved(rgb(35, 24, 55), "WEBP", quality=80, icc_profile=b"x" * 30, exif=b"Exif\0\0II*\0")
    frames = [rgb(36, 29, 56), rgb(36, 29, 57)]
    yield "animation-36x29.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=75)
    yield "animation-offset-37x30.webp", webp_animation((37, 30), [(6, 4, rgba(21, 17, 58)), (0, 0, rgba(37, 30, 59))], True)
    yield "animation-offset-opaque-37x30.webp", webp_animation((37, 30), [(8, 2, rgb(20, 25, 60))], False)

    yield "palette-47x35.gif", saved(rgb(47, 35, 61).quantize(100), "GIF")
    noise = np.random.default_rng(62).integers(0, 200, (70, 90), np.uint8)
    noisy = Image.fromarray(noise, "P")
    noisy.putpalette(palette_of(200, 62)[0])
    yield "full-table-90x70.gif", saved(noisy, "GIF")
    yield "grey-45x33.gif", saved(grey(45, 33, 63), "GIF")
    yield "clear-colour-40x31.gif", saved(rgb(40, 31, 64).quantize(60), "GIF", transparency=3)
    screens = [rgb(38, 28, 65).quantize(30), rgb(38, 28, 66).quantize(20)]
    yield "animation-38x28.gif", saved(screens[0], "GIF", save_all=True, append_images=screens[1:], duration=100)
    colours, _ = palette_of(64, 67)
    other, _ = palette_of(16, 68)
    picture = few(21, 19, 64, 69)
    yield "interlaced-31x27.gif", gif((31, 27), [{"pixels": few(31, 27, 64, 70), "interlaced": True}], colours)
    yield "offset-40x30.gif", gif((40, 30), [{"pixels": picture, "x": 7, "y": 5}, {"pixels": few(40, 30, 9, 71)}], colours)
    yield "offset-clear-40x30.gif", gif((40, 30), [{"pixels": picture, "x": 7, "y": 5, "transparent": 12, "comment": b"made up"}], colours)
    yield "local-palette-offset-40x30.gif", gif(
        (40, 30), [{"pixels": few(25, 22, 16, 72), "x": 3, "y": 8, "palette": other, "bits": 4, "interlaced": True}], colours)
    yield "beyond-screen-16x12.gif", gif((16, 12), [{"pixels": picture, "x": 4, "y": 2}], colours, b"GIF87a")
    yield "two-colours-29x17.gif", gif((29, 17), [{"pixels": few(29, 17, 2, 73), "bits": 2}], bytes([9, 90, 200, 250, 3, 60]))
    greys = bytes(v for i in range(16) for v in (i, i, i))
    yield "greys-in-order-20x15.gif", gif((20, 15), [{"pixels": few(20, 15, 16, 74), "palette": greys, "bits": 4}])
    yield "no-palette-20x15.gif", gif((20, 15), [{"pixels": scene(20, 15, 1, 75)}])
    strayed = gif((22, 18), [{"pixels": few(22, 18, 64, 77)}], colours)
    yield "stray-bytes-22x18.gif", strayed[: 13 + 192] + b"\x01\x02" + strayed[13 + 192 :]
    yield "gif-called.jpg", gif((22, 18), [{"pixels": few(22, 18, 64, 76)}], colours)

    for compression in ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"]:
        yield f"rgb-{compression}-43x32.tif", saved(rgb(43, 32, 80), "TIFF", compression=compression)
    yield "rgb-jpeg-43x32.tif", saved(rgb(43, 32, 80), "TIFF", compression="jpeg", quality=85)
    yield "grey-jpeg-43x32.tif", saved(grey(43, 32, 81), "TIFF", compression="jpeg", quality=85)
    yield "cmyk-lzw-30x25.tif", saved(Image.fromarray(scene(30, 25, 4, 82), "CMYK"), "TIFF", compression="tiff_lzw")
    yield "cmyk-30x25.tif", saved(Image.fromarray(scene(30, 25, 4, 82), "CMYK"), "TIFF")
    yield "la-lzw-31x22.tif", saved(Image.fromarray(scene(31, 22, 2, 83), "LA"), "TIFF", compression="tiff_lzw")
    yield "rgba-lzw-31x22.tif", saved(rgba(31, 22, 84), "TIFF", compression="tiff_lzw")
    yield "palette-lzw-40x29.tif", saved(rgb(40, 29, 85).quantize(90), "TIFF", compression="tiff_lzw")
    yield "palette-40x29.tif", saved(rgb(40, 29, 85).quantize(90), "TIFF")
    for compression in ["raw", "group3", "group4"]:
        yield f"bilevel-{compression}-37x23.tif", saved(grey(37, 23, 86).convert("1"), "TIFF", compression=compression)
    yield "grey-16bit-31x26.tif", tiff_of(words(31, 26, 1, 87), 1)
    yield "grey-16bit-dim-31x26.tif", tiff_of(scene(31, 26, 1, 88).astype(np.uint16) * 2, 1, deflate=True)
    yield "grey-16bit-big-endian-31x26.tif", tiff_of(words(31, 26, 1, 87), 1, ">")
    yield "rgb-16bit-28x21.tif", tiff_of(words(28, 21, 3, 89), 2, rows=5)
    yield "rgb-16bit-big-endian-28x21.tif", tiff_of(words(28, 21, 3, 89), 2, ">", rows=5, deflate=True)
    yield "rgba-16bit-28x21.tif", tiff_of(words(28, 21, 4, 90), 2, extra=[2])
    yield "strips-50x41.tif", tiff_of(scene(50, 41, 3, 91), 2, rows=7)
    yield "tiles-50x41.tif", tiff_of(scene(50, 41, 3, 92), 2, tile=(16, 32))
    yield "tiles-deflate-50x41.tif", tiff_of(scene(50, 41, 3, 92), 2, tile=(32, 16), deflate=True)
    yield "tile-larger-20x10.tif", tiff_of(scene(20, 10, 1, 93), 1, tile=(64, 64), deflate=True)
    yield "planes-33x24.tif", tiff_of(scene(33, 24, 3, 94), 2, separate=True, rows=10)
    yield "planes-deflate-33x24.tif", tiff_of(scene(33, 24, 3, 94), 2, separate=True, deflate=True)
    yield "planes-tiles-alpha-33x24.tif", tiff_of(
        scene(33, 24, 4, 95), 2, separate=True, deflate=True, tile=(16, 16), extra=[2])
    yield "premultiplied-26x25.tif", tiff_of(scene(26, 25, 4, 96), 2, extra=[1])
    yield "fourth-sample-26x25.tif", tiff_of(scene(26, 25, 4, 97), 2, extra=[0], deflate=True)
    yield "five-samples-26x25.tif", tiff_of(scene(26, 25, 5, 98), 2, extra=[2, 0])
    yield "white-is-zero-27x20.tif", tiff_of(scene(27, 20, 1, 99), 0)
    yield "differences-27x20.tif", tiff_of(
        np.diff(scene(27, 20, 3, 100), axis=1, prepend=np.uint8(0)), 2, deflate=True, t317=[2])
    yield "big-tiff-24x19.tif", tiff_of(scene(24, 19, 3, 101), 2, big=True)
    yield "ycbcr-deflate-24x19.tif", tiff_of(scene(24, 19, 3, 102), 6, deflate=True, t530=[1, 1])
    for orientation in range(2, 9):
        yield f"orientation-{orientation}-23x14.tif", tiff_of(scene(23, 14, 3, 103), 2, t274=[orientation])
    packed4 = packed_rows(few(31, 17, 16, 104), 4)
    table = [int(v) * 257 for v in np.random.default_rng(105).integers(0, 256, 48)]
    yield "palette-4bit-31x17.tif", tiff(
        31, 17, {258: [4], 259: [1], 262: [3], 277: [1], 278: [17], 320: table}, [b"".join(packed4)])
    yield "grey-4bit-31x17.tif", tiff(31, 17, {258: [4], 259: [1], 262: [1], 277: [1], 278: [17]}, [b"".join(packed4)])
    packed2 = packed_rows(few(31, 17, 4, 106), 2)
    yield "grey-2bit-white-is-zero-31x17.tif", tiff(
        31, 17, {258: [2], 259: [1], 262: [0], 277: [1], 278: [17]}, [b"".join(packed2)])
    mirrored = bytes(int(f"{b:08b}"[::-1], 2) for b in b"".join(packed_rows(few(31, 17, 2, 107), 1)))
    yield "fill-order-31x17.tif", tiff(31, 17, {258: [1], 259: [1], 262: [1], 266: [2], 277: [1], 278: [17]}, [mirrored])
    pages = [rgb(22, 17, 108), rgb(15, 11, 109)]
    yield "pages-22x17.tif", saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])

    yield "rgb-41x30.bmp", saved(rgb(41, 30, 110), "BMP")
    yield "rgba-41x30.bmp", saved(rgba(41, 30, 111), "BMP")
    yield "grey-41x30.bmp", saved(grey(41, 30, 112), "BMP")
    yield "bilevel-41x30.bmp", saved(grey(41, 30, 113).convert("1"), "BMP")
    yield "palette-41x30.bmp", saved(rgb(41, 30, 114).quantize(77), "BMP")
    yield "bmp-called.jpg", saved(rgb(19, 15, 115), "BMP")
    reverse = lambda a: [row.tobytes() for row in a[::-1]]
    _, table16 = palette_of(16, 116)
    _, table2 = palette_of(2, 117)
    indices = few(35, 22, 16, 118)
    yield "palette-4bit-35x22.bmp", bmp(35, 22, 4, packed_rows(indices[::-1], 4), table16)
    yield "palette-1bit-35x22.bmp", bmp(35, 22, 1, packed_rows(few(35, 22, 2, 119)[::-1], 1), table2)
    yield "palette-few-35x22.bmp", bmp(35, 22, 8, reverse(np.minimum(indices, 9)), table16[:40], colours=10)
    yield "top-down-35x22.bmp", bmp(35, 22, 24, [r.tobytes() for r in scene(35, 22, 3, 120)], top_down=True)
    raw16 = np.random.default_rng(121).integers(0, 65536, (14, 21), np.uint16)
    yield "rgb-555-21x14.bmp", bmp(21, 14, 16, reverse(raw16))
    yield "rgb-565-21x14.bmp", bmp(21, 14, 16, reverse(raw16), compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
    four = scene(21, 14, 4, 122)
    yield "rgbx-21x14.bmp", bmp(21, 14, 32, reverse(four))
    yield "rgbx-masks-21x14.bmp", bmp(21, 14, 32, reverse(four), compression=3, masks=struct.pack("<III", 0xFF0000, 0xFF00, 0xFF))
    for name, masks in [
        ("bgra", (0xFF0000, 0xFF00, 0xFF, 0xFF000000)), ("rgba", (0xFF, 0xFF00, 0xFF0000, 0xFF000000)),
        ("abgr", (0xFF000000, 0xFF0000, 0xFF00, 0xFF)), ("xbgr", (0xFF000000, 0xFF0000, 0xFF00, 0)),
    ]:
        yield f"{name}-21x14.bmp", bmp(21, 14, 32, reverse(four), compression=3, header=108, masks=struct.pack("<IIII", *masks))
    _, os2 = palette_of(16, 123, entry=3)
    yield "os2-35x22.bmp", bmp(35, 22, 4, packed_rows(indices[::-1], 4), os2, header=12)
    _, table256 = palette_of(256, 124)
    yield "runs-8bit-35x22.bmp", bmp(35, 22, 8, [runs8(few(35, 22, 7, 125))], table256, compression=1)
    yield "runs-4bit-35x22.bmp", bmp(35, 22, 4, [runs4(few(35, 22, 5, 126))], table16, compression=2)

    bits = few(19, 11, 2, 130)
    yield "plain-19x11.pbm", b"P1\n# a comment\n19 11\n" + b"\n".join(bytes(48 + r) for r in bits) + b"\n"
    yield "binary-19x11.pbm", b"P4 19 11\n" + b"".join(packed_rows(bits, 1))
    text = lambda a: b"\n".join(b" ".join(b"%d" % v for v in r.reshape(-1)) for r in a)
    yield "plain-17x13.pgm", b"P2\n17 13\n255\n# between\n" + text(scene(17, 13, 1, 131)) + b"\n"
    yield "plain-deep-17x13.pgm", b"P2\n17 13\n1000\n" + text(scene(17, 13, 1, 132).astype(int) * 3)
    yield "plain-17x13.ppm", b"P3 17 13 200\n" + text(np.minimum(scene(17, 13, 3, 133), 200)) + b"\n"
    yield "four-bits-17x13.pgm", b"P5 17 13 15\n" + few(17, 13, 16, 134).tobytes()
    yield "deep-17x13.pgm", b"P5\n17 13\n65535\n" + words(17, 13, 1, 135).astype(">u2").tobytes()
    yield "deep-dim-17x13.pgm", b"P5\n17 13\n4095\n" + scene(17, 13, 1, 136).astype(">u2").tobytes()
    yield "deep-17x13.ppm", b"P6\n17 13\n1023\n" + (scene(17, 13, 3, 137).astype(">u2") * 4).tobytes()
    yield "hundred-17x13.ppm", b"P6\n17 13\n100\n" + np.minimum(scene(17, 13, 3, 138), 120).tobytes()

    yield "grey-23x18.npy", npy(scene(23, 18, 1, 140))
    yield "rgb-23x18.npy", npy(scene(23, 18, 3, 141))
    yield "rgba-23x18.npy", npy(scene(23, 18, 4, 142))


def broken(scene):
    """Name, bytes, a word that the error must contain."""
    rgb = Image.fromarray(scene(30, 22, 3, 150))
    colours, _ = palette_of(64, 151)
    picture = (scene(30, 22, 1, 152) // 5).astype(np.uint8)
    for kind in ["WEBP", "TIFF", "BMP", "PPM"]:
        data = saved(rgb, kind)
        yield f"half.{kind.lower()}", data[: len(data) // 2], "truncated"
    whole = gif((30, 22), [{"pixels": picture}], colours)
    yield "half.gif", whole[: len(whole) // 2], "truncated"
    yield "no-image.gif", whole[: 13 + 192] + b";", "damaged"
    yield "early-end.gif", gif((30, 30), [{"pixels": picture}], colours).replace(
        struct.pack("<HHHHB", 0, 0, 30, 22, 0), struct.pack("<HHHHB", 0, 0, 30, 30, 0)), "damaged"
    impossible = picture.astype(int)
    impossible[11, 4] = 511
    yield "impossible-code.gif", gif((30, 22), [{"pixels": impossible}], colours), "damaged"
    yield "flat-frame.gif", gif((30, 22), [{"pixels": picture[:0]}], colours), "damaged"
    deep = np.arange(600, dtype=np.float32).reshape(20, 30)
    yield "float-30x20.tif", saved(Image.fromarray(deep, "F"), "TIFF"), "cannot be read"
    yield "strip-missing-50x41.tif", tiff_of(scene(50, 41, 3, 153), 2, rows=41, deflate=True).replace(b"\x78\xda", b"\x78\x00", 1), "damaged"
    yield "two-bits.bmp", bmp(8, 4, 2, [b"\0\0"] * 4), "cannot be read"
    yield "bomb.bmp", bmp(60000, 60000, 24, [b""]), "limit"
    yield "odd-masks.bmp", bmp(8, 4, 16, [b"\0" * 16] * 4, compression=3, masks=struct.pack("<III", 1, 2, 4)), "masks"
    yield "short-runs.bmp", bmp(35, 22, 8, [b"\x05\x01\0\1"], palette_of(256, 154)[1], compression=1), "truncated"
    yield "too-large-sample.pgm", b"P2 2 2 15\n1 2 16 4\n", "maximum"
    yield "short.pbm", b"P1 3 3\n101 010 11", "truncated"
    yield "zero-maximum.pgm", b"P5 2 2 0\n\0\0\0\0", "maximum"
    yield "float.npy", npy(np.zeros((4, 4), np.float32)), "uint8"
    yield "flat.npy", npy(np.zeros(16, np.uint8)), "uint8"
    yield "one-channel.npy", npy(np.zeros((4, 4, 1), np.uint8)), "uint8"
    yield "photo.avif", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "AVIF"
