"""A detector that does to its process what a text says, and else marks the text; and what a child can be asked."""

import ctypes
import os
import signal
import time

import msgspec
import numpy as np

from detectors.found import spans


class Breaking:
    name, title, takes = "breaking", "What breaks", "text"
    finds = ("Cup",)

    class Config(msgspec.Struct):
        pass

    def __init__(self, config: Config) -> None:
        pass

    def detect(self, batch):
        return [self.one(text) for text in batch]

    def one(self, text: str):
        if "exit" in text:
            os._exit(3)
        if "crash" in text:
            ctypes.string_at(0)
        if "memory" in text:
            np.ones(50 * 2**30 // 8)
        if "for ever" in text:
            time.sleep(3600)
        return spans([(0, len(text))], "Cup", 1.0)


def process(parent):
    yield os.getpid()


def killed(parent):
    parent.at("here")
    os.kill(os.getpid(), signal.SIGKILL)
    yield


def about(parent):
    yield sorted(os.environ)
    yield os.getpgid(0) == os.getpid()
