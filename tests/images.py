"""Small image files made on the spot."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

RED_LEFT_BLUE_RIGHT = ((255, 0, 0), (0, 0, 255))


def picture(width: int = 64, height: int = 32, mode: str = "RGB") -> Image.Image:
    """The left half red, the right half blue."""
    image = Image.new("RGB", (width, height), RED_LEFT_BLUE_RIGHT[1])
    image.paste(RED_LEFT_BLUE_RIGHT[0], (0, 0, width // 2, height))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def turned(orientation: int, kind: str = "JPEG") -> bytes:
    """An image whose EXIF says how to hold it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(picture(), kind, exif=exif)


def animated(kind: str = "GIF") -> bytes:
    frames = [Image.new("RGB", (20, 10), color) for color in ("red", "green", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has that many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
