# SPDX-License-Identifier: MIT
"""Makes the pictures beside it, and what Pillow reads from them, for test/data/picture_formats_test.cpp.

Of JPEGs the pixels go to NAME.ppm; of all others their CRC-32 to pixels.txt: NAME WIDTH HEIGHT CRC.
Run with Pillow and NumPy. Those here are of Pillow 13.0.0, libjpeg-turbo 3.2.0, libwebp 1.6.0.
"""
import os
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

os.chdir(os.path.dirname(os.path.abspath(__file__)))
rng = np.random.default_rng(1)
W, H = 13, 9
lines = []


def noise(size):
    return rng.integers(0, 256, size, dtype=np.uint8).tobytes()


def expect(name, pixels=None):
    image = ImageOps.exif_transpose(Image.open(name)).convert("RGB")
    if name.endswith(".jpg"):
        image.save(name[:-4] + ".ppm")
    else:
        pixels = image.tobytes() if pixels is None else pixels
        lines.append(f"{name} {image.width} {image.height} {zlib.crc32(pixels)}")


def write(name, content, pixels=None):
    with open(name, "wb") as file:
        file.write(content)
    expect(name, pixels)


# JPEG
y, x = np.mgrid[0:H, 0:W]
photo = np.clip(np.stack([x * 18, y * 25, 255 - x * 9 - y * 10], -1) + rng.normal(0, 12, (H, W, 3)), 0, 255)
photo = Image.fromarray(photo.astype(np.uint8))
for name, options in {
    "444": dict(subsampling="4:4:4"),
    "422": dict(subsampling="4:2:2", restart_marker_blocks=1),
    "420": dict(subsampling="4:2:0"),
    "420progressive": dict(subsampling="4:2:0", progressive=True),
}.items():
    photo.save(f"{name}.jpg", quality=85, optimize=True, **options)
    expect(f"{name}.jpg")
photo.convert("L").save("grey.jpg", optimize=True)
expect("grey.jpg")
photo.convert("CMYK").save("cmyk.jpg", optimize=True)  # with Adobe's marker: not transformed
expect("cmyk.jpg")
cmyk = open("cmyk.jpg", "rb").read()
adobe = cmyk.index(b"\xff\xee\0\x0eAdobe")
write("cmyk_without_adobe.jpg", cmyk[:adobe] + cmyk[adobe + 16 :])
write("ycck.jpg", cmyk[: adobe + 15] + b"\2" + cmyk[adobe + 16 :])
ycc = open("444.jpg", "rb").read()
rgb_marker = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"
write("rgb.jpg", ycc[:2] + rgb_marker + ycc[20:])  # in place of JFIF's


# PNG
def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(depth, colour, passes=((0, 0, 1, 1),), extra=b""):
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    rows = b""
    for x0, y0, dx, dy in passes:
        width, height = -(-(W - x0) // dx), -(-(H - y0) // dy)
        for row in range(height if width > 0 else 0):
            rows += bytes([row % 5 if row else 0]) + noise((width * samples * depth + 7) // 8)
    header = struct.pack(">IIBBBBB", W, H, depth, colour, 0, 0, len(passes) > 1)
    palette = chunk(b"PLTE", noise(3 << depth)) if colour == 3 else b""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette + extra
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


adam7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
for depth, colour in [(1, 0), (2, 0), (4, 0), (8, 0), (8, 2), (16, 2), (1, 3), (2, 3), (4, 3), (8, 4), (16, 4), (8, 6), (16, 6)]:
    write(f"{depth}bits_type{colour}.png", png(depth, colour))
for depth, colour in [(1, 0), (4, 3), (8, 2), (16, 6)]:
    write(f"{depth}bits_type{colour}_interlaced.png", png(depth, colour, adam7))
for depth, colour, value in [(2, 0, b"\0\1"), (8, 2, b"\0\1\0\2\0\3"), (2, 3, b"\0\x80")]:
    write(f"{depth}bits_type{colour}_transparent.png", png(depth, colour, extra=chunk(b"tRNS", value)))
# Grey of 16 bits Pillow cuts off at 255; the upper 8 bits are what it takes of all others.
grey16 = png(16, 0)
write("16bits_type0.png", grey16)
stored = np.asarray(Image.open("16bits_type0.png")) >> 8
lines.pop()
expect("16bits_type0.png", np.repeat(stored.astype(np.uint8)[:, :, None], 3, 2).tobytes())
others = [Image.frombytes("RGB", (W, H), noise(W * H * 3)) for _ in range(2)]
others[0].save("animated.png", save_all=True, append_images=others[1:])
expect("animated.png")


# BMP
def bmp(bits, height=H, compression=0, masks=b"", info=40, colours=0):
    if info == 12:
        header = struct.pack("<IHHHH", info, W, height, 1, bits)
    else:
        header = struct.pack("<IiiHHIIiiII", info, W, height, 1, bits, compression, 0, 0, 0, colours, 0)
        header = (header + masks).ljust(info, b"\0")
    entries = (colours or 1 << bits) if bits <= 8 else 0
    palette = noise(entries * (3 if info == 12 else 4))
    rows = np.frombuffer(noise((W * bits + 31) // 32 * 4 * abs(height)), np.uint8)
    rows = (rows % colours if colours else rows).tobytes()
    begin = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", begin + len(rows), 0, 0, begin) + header + palette + rows


for bits in (1, 4, 16, 24, 32):
    write(f"{bits}bits.bmp", bmp(bits))
write("8bits.bmp", bmp(8, colours=16))
write("24bits_top_down.bmp", bmp(24, -H))
write("4bits_os2.bmp", bmp(4, info=12))
write("16bits_565.bmp", bmp(16, compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F)))
write("32bits_v5.bmp", bmp(32, -H, 3, struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000), 124))

# WebP
photo.save("lossy.webp", quality=50)
photo.save("lossless.webp", lossless=True)
transparent = Image.merge("RGBA", (*photo.split(), Image.frombytes("L", (W, H), noise(W * H))))
transparent.save("lossy_transparent.webp", quality=50)
transparent.save("lossless_transparent.webp", lossless=True, exact=True)
turn = Image.Exif()
turn[0x112] = 6
photo.save("turned.webp", lossless=True, exif=turn)
for name in ("lossy", "lossless", "lossy_transparent", "lossless_transparent", "turned"):
    expect(f"{name}.webp")
others[0].save("animated.webp", save_all=True, append_images=others[1:], lossless=True)

# GIF
def gif(width=W, height=H, x=0, y=0, bits=8, interlaced=False, transparent=None, local=False):
    """A picture in a canvas of W x H, its codes all as wide as when the table is empty."""
    table, flags = noise(3 << bits), 0x80 | (bits - 1)
    control = b"" if transparent is None else b"\x21\xf9\4\1\0\0" + bytes([transparent]) + b"\0"
    head = b"GIF89a" + struct.pack("<HHBBB", W, H, 0 if local else flags, 0, 0) + (b"" if local else table)
    head += b"\x21\xfe\7comment\0" + control
    head += b"\x2c" + struct.pack("<HHHHB", x, y, width, height, (flags if local else 0) | (0x40 if interlaced else 0))
    head += table if local else b""
    clear, stop = 1 << bits, (1 << bits) + 1
    codes, at, buffer = [], 0, 0
    for i, pixel in enumerate(rng.integers(0, 1 << bits, width * height)):
        codes += ([clear] if i % ((1 << bits) - 2) == 0 else []) + [int(pixel)]
    for code in codes + [stop]:
        buffer |= code << at
        at += bits + 1
    data = buffer.to_bytes(-(-at // 8), "little")
    blocks = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
    return head + bytes([bits]) + blocks + b"\0\x3b"


write("8bits.gif", gif())
write("2bits_local.gif", gif(bits=2, local=True))
write("interlaced.gif", gif(bits=4, interlaced=True))
write("transparent.gif", gif(bits=3, transparent=5))
photo.quantize(50).save("animated.gif", save_all=True, append_images=[i.quantize(50) for i in others])
expect("animated.gif")

with open("pixels.txt", "w") as file:
    file.write("\n".join(lines) + "\n")
