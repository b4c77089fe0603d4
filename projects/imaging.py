"""Reading images with Pillow. What strangers upload is decoded in a child process: `python -m projects.imaging`.

Imports neither Django nor the rest of the product, so that a child starts in a tenth of a second.
"""

import errno
import json
import resource
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 100_000_000
MAX_MEMORY = 3 * 2**30
THUMBNAIL = 320

# The image formats we read, and the type that a browser is told. Nothing else is ever served as an image.
CONTENT_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
    "TIFF": "image/tiff",
}
OPENED = [kind for kind in CONTENT_TYPES if kind != "MPO"]  # which is opened as JPEG
SHOWN_BY_BROWSERS = {"JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "AVIF"}
NAMES = "JPEG, PNG, WebP, GIF, BMP, AVIF or TIFF"
NO_IMAGE = f"This is no image we can read. Use {NAMES} for images, and .txt or .md in UTF-8 for texts."
ORIENTATION = 0x0112

# Otherwise Pillow looks through its forty plug-ins in each child, which takes as long as to read a photo.
for plug_in in ("Avif", "Bmp", "Gif", "Jpeg", "Mpo", "Png", "Tiff", "WebP"):
    import_module(f"PIL.{plug_in}ImagePlugin")

# Pillow refuses twice this number, by the header or a frame's header, before it decodes anything.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def open_image(source: Path | IO[bytes]) -> Image.Image:
    return Image.open(source, formats=OPENED)


def may_be_one(beginning: bytes) -> bool:
    """By its first bytes, as Pillow itself asks before it opens a file."""
    return any(accepts(beginning[:16]) is True for kind in OPENED if (accepts := Image.OPEN[kind][1]))


def rendition_of(path: Path) -> Path:
    """Where a child leaves what it makes of a file."""
    return path.with_name(f"{path.name}.rendition")


def upright(image: Image.Image) -> Image.Image:
    """The image as everyone sees it and measures on it: its first frame, turned as its EXIF orientation says."""
    image.load()
    return ImageOps.exif_transpose(image) if orientation(image) != 1 else image


def orientation(image: Image.Image) -> int:
    """Damaged EXIF does not make an image unusable: it counts as upright."""
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001  (plug-ins raise whatever they like)
        return 1


def displayable(image: Image.Image) -> Image.Image:
    """In eight bits a channel; deep greys are stretched from their darkest to their brightest."""
    if image.mode in {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}:
        return image
    if image.mode == "F" or image.mode.startswith("I"):
        image = image.convert("F")
        low, high = cast(tuple[float, float], image.getextrema())
        scale = 255 / (high - low) if high > low else 0
        return image.point(lambda value: value * scale - low * scale).convert("L")
    return image.convert("RGB")


def inspect(path: Path) -> dict[str, Any]:
    """Decode the image whole; beside it, leave the upright copy that browsers need, if any."""
    with open_image(path) as image:
        image.verify()
    with open_image(path) as image:
        kind = image.format
        moves = getattr(image, "is_animated", False) and kind not in {"MPO", "TIFF"}
        pages = getattr(image, "n_frames", 1) if kind == "TIFF" else 1
        shown = upright(image)
        rendition = ""
        if moves or kind not in SHOWN_BY_BROWSERS or orientation(image) != 1:
            rendition = "image/jpeg" if kind in {"JPEG", "MPO"} else "image/png"
            save(displayable(shown), rendition_of(path), rendition)
        note = "Animated: its first frame is labelled." if moves else ""
        note = "Has several pages: its first is labelled." if pages > 1 else note
        return {
            "content_type": CONTENT_TYPES[kind or ""],
            "rendition": rendition,
            "width": shown.width,
            "height": shown.height,
            "note": note,
        }


def save(image: Image.Image, path: Path, content_type: str) -> None:
    """Colour profiles stay; EXIF does not, or the copy would be turned twice."""
    profile = image.info.get("icc_profile")
    if content_type == "image/jpeg":
        image = image if image.mode in {"L", "RGB"} else image.convert("RGB")
        image.save(path, "JPEG", quality=95, subsampling=0, icc_profile=profile, exif=b"")
    else:
        image.save(path, "PNG", compress_level=3, icc_profile=profile, exif=b"")


def thumbnail(path: Path) -> dict[str, Any]:
    with open_image(path) as image:
        image.draft("RGB", (2 * THUMBNAIL, 2 * THUMBNAIL))
        small = displayable(upright(image))
        small = small.convert("RGBA" if "A" in small.getbands() or "transparency" in small.info else "RGB")
        small.thumbnail((THUMBNAIL, THUMBNAIL))
        small.save(rendition_of(path), "WEBP", quality=80)
    return {}


def attempt(what: str, path: Path) -> dict[str, Any]:
    try:
        return {"inspect": inspect, "thumbnail": thumbnail}[what](path)
    except UnidentifiedImageError:
        return {"code": "not_an_image", "detail": NO_IMAGE}
    except Image.DecompressionBombError:
        detail = f"The image has more than {MAX_PIXELS // 1_000_000} megapixels. Make it smaller or cut it into tiles."
        return {"code": "too_many_pixels", "detail": detail}
    except MemoryError:
        return {
            "code": "too_much_memory",
            "detail": "The image takes too much memory to read. Make it smaller.",
        }
    except Exception as error:  # noqa: BLE001  (whatever else a decoder trips over, the file is to blame)
        if getattr(error, "errno", None) == errno.ENOSPC:
            return {"code": "disk_full"}
        detail = f"The image is damaged or cut short ({error}). Upload a whole copy."
        return {"code": "damaged", "detail": detail}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    for argument in sys.argv[2:]:
        print(json.dumps(attempt(sys.argv[1], Path(argument))), flush=True)
