"""A server of Label Studio's ML protocol, as people have them: it finds what is red in pictures, and “cup” in texts.

    python -m tests.detectors.back_end PORT

Of what may be wrong with one it does what its base path says: http://localhost:PORT/html answers with a web page.
"""

import io
import json
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image

WORD = re.compile("cup")


def of_image(address: str) -> list[dict]:
    with urllib.request.urlopen(address) as opened:
        picture = np.asarray(Image.open(io.BytesIO(opened.read())).convert("RGB")).astype(int)
    height, width = picture.shape[:2]
    rows, columns = np.nonzero((picture[..., 0] > 150) & (picture[..., 1:] < 100).all(axis=2))
    if not len(rows):
        return []
    left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    place = {"x": left / width, "y": top / height, "width": (right - left) / width, "height": (bottom - top) / height}
    value = {name: float(100 * share) for name, share in place.items()} | {"rotation": 0, "rectanglelabels": ["Cup"]}
    return [{"id": "1", "type": "rectanglelabels", "from_name": "rectangle", "to_name": "image", "value": value}]


def of_text(text: str) -> list[dict]:
    found = [{"start": one.start(), "end": one.end(), "text": one[0], "labels": ["Cup"]} for one in WORD.finditer(text)]
    return [{"type": "labels", "from_name": "span", "to_name": "text", "score": 0.75, "value": one} for one in found]


def near(context: dict) -> list[dict]:
    """What is drawn as it is asked about, as a polygon of its corners."""
    value = context["result"][0]["value"]
    x, y, right, bottom = value["x"], value["y"], value["x"] + value["width"], value["y"] + value["height"]
    told = {"points": [[x, y], [right, y], [right, bottom], [x, bottom]], "polygonlabels": value["rectanglelabels"]}
    return [{"type": "polygonlabels", "from_name": "polygon", "to_name": "image", "score": 0.9, "value": told}]


def spoilt(fault: str, results: list[dict]) -> dict:
    """Each has a `result` of one thing, in which something is wrong."""
    for one in results:
        for region in one["result"]:
            value = region["value"]
            match fault:
                case "beyond":
                    value["width"] = 120.0
                case "label":
                    value["rectanglelabels"] = ["Lorry"]
                case "control":
                    region["from_name"] = "boxes"
                case "brush":
                    region |= {"type": "brushlabels", "value": {"format": "rle", "rle": [1], "brushlabels": ["Cup"]}}
                case "score":
                    region["score"] = 87
                case "turned":
                    value["rotation"] = 90
                case "number":
                    value["x"] = float("nan")
    return {"results": results[:-1] if fault == "count" else results}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *about: object) -> None:
        pass

    def do_GET(self) -> None:
        fault, _, name = self.path[1:].rpartition("/")
        self.tell({"status": "UP", "model_class": "Red"}, fault if name == "health" else "")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fault, _, name = self.path[1:].rpartition("/")
        if fault == "secret" and self.headers["Authorization"] != "Basic YW5uOmNhcnQ=":  # ann:cart
            self.send(401, b"{}")
        elif name == "setup":
            self.tell({"model_version": None if fault == "nameless" else f"red-{self.server.server_port}"}, "")
        else:
            assert body["label_config"].startswith("<View>")
            context = body["params"]["context"]
            results = [self.predicted(one["data"], context) for one in body["tasks"]]
            self.tell(spoilt(fault, results), fault)

    def predicted(self, data: dict, context: dict | None) -> dict:
        seen = (near, context) if context else (of_image, data["image"]) if "image" in data else (of_text, data["text"])
        return {"model_version": "red-1", "score": 0.5, "result": seen[0](seen[1])}

    def tell(self, answer: dict, fault: str) -> None:
        match fault:
            case "html":
                self.send(200, b"<!doctype html><title>Welcome</title>", "text/html")
            case "500" | "503" | "404":
                self.send(int(fault), b"{}")
            case "json":
                self.send(200, b'{"results": [')
            case "elsewhere":
                self.send(302, b"", Location="http://169.254.169.254/latest/")
            case "huge":
                self.send(200, b" " * 5_000 + json.dumps(answer).encode())
            case "slow":
                self.send_response(200)
                self.end_headers()
                for _ in range(100):
                    self.wfile.write(b" ")
                    time.sleep(0.05)
            case "cut":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"results":')
                self.close_connection = True
            case _:
                self.send(200, json.dumps(answer).encode())

    def send(self, status: int, data: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def running(port: int = 0):
    """A process of its own, and the port at which it is."""
    command = [sys.executable, "-m", "tests.detectors.back_end", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
