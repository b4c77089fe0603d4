"""Models as ONNX Runtime runs them. Only a child with limits may load one: what is in it is anybody's."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from detectors.kinds.onnx.contents import Contents, Damaged, contents
from projects.errors import Invalid

KNOWN = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}  # domains whose operators ONNX Runtime has
NUMBERS: dict[str, type[Any]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}
COLOURS = (1, 3)
AT_ONCE = 8  # images that a model is given at a time, where it takes several

NOT_ONNX = "This is no ONNX model, or not all of one. Export the model as .onnx and send that file."
OUTSIDE = "The model names a path{path}, where more of it lies. Export it as one file, without external data."
CUSTOM = "The model needs {names}, which ONNX Runtime does not have. Export it without custom operators."
TOO_NEW = (
    "The model is of {what} {has}; {most} is the newest that is read here. Export it with an older opset, such as 17."
)
INPUTS = "The model takes {takes}. It must take one image: four dimensions, with one or three colours."
MEMORY = "The model asks for more memory than it may have. Export it for smaller images, or use a smaller one."
FAILED = "ONNX Runtime cannot run the model: {why}"

OPSET = re.compile(r"Opset (\d+) is under development.*?till opset (\d+)", re.DOTALL)
VERSION = re.compile(r"model IR version: (\d+), max supported IR version: (\d+)")
UNKNOWN = re.compile(r"(\S+) is not a registered function/op|No Op registered for (\S+)")
ALLOCATING = re.compile("allocate|bad_alloc|out of memory", re.IGNORECASE)


class Model:
    """Takes one image a row, and answers with arrays of as many rows. Raises Invalid for what cannot be run."""

    def __init__(self, data: bytes) -> None:
        self.about = checked(data).about
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # as many run at once as there are processors
        options.log_severity_level = 4
        options.add_session_config_entry("session.load_model_format", "ONNX")  # what was checked, and none of its own
        try:
            self.session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise refusal(error) from error
        given = self.session.get_inputs()
        if len(given) != 1 or not is_image(given[0]):
            raise Invalid(INPUTS.format(takes=" and ".join(map(described, given)) or "nothing"), code="no_image")
        self.input = given[0]
        self.shape = tuple(size if isinstance(size, int) and size > 0 else None for size in given[0].shape)
        self.outputs = [one.name for one in self.session.get_outputs()]

    @property
    def channels_first(self) -> bool:
        return self.shape[1] in COLOURS or self.shape[3] not in COLOURS

    @property
    def described(self) -> str:
        return described(self.input)

    def run(self, images: NDArray[np.float32], outputs: Sequence[str]) -> list[NDArray[Any]]:
        """Of (n, ...) images, as many at a time as the model takes, each of these outputs (n, ...)."""
        most = self.shape[0] or AT_ONCE
        parts = [self.run_some(images[at : at + most], outputs) for at in range(0, len(images), most)]
        return [np.concatenate(some) for some in zip(*parts, strict=True)]

    def run_some(self, images: NDArray[np.float32], outputs: Sequence[str]) -> list[NDArray[Any]]:
        n = len(images)
        full = self.shape[0] or n  # a model that takes four takes no three
        given = images.astype(NUMBERS[self.input.type], copy=False)
        if full > n:
            given = np.concatenate([given, np.zeros((full - n, *given.shape[1:]), given.dtype)])
        try:
            answers = self.session.run(list(outputs), {self.input.name: given})
        except Exception as error:
            raise refusal(error) from error
        for name, answer in zip(outputs, answers, strict=True):
            if not isinstance(answer, np.ndarray) or not answer.shape or len(answer) != full:
                raise Invalid(FAILED.format(why=f"“{name}” has no answer for each image."), code="cannot_run")
        return [answer[:n] for answer in answers]


def checked(data: bytes) -> Contents:
    """Raises Invalid for what must not be given to ONNX Runtime, and for what it would say in other words."""
    try:
        found = contents(memoryview(data))
    except Damaged:
        raise Invalid(NOT_ONNX, code="not_onnx") from None
    if found.outside:
        path = "".join(f" (“{path[:100]}”)" for path in sorted(filter(None, found.outside))[:1])
        raise Invalid(OUTSIDE.format(path=path), code="names_a_path")
    if custom := sorted(one for one in found.operators - found.own if one[0] not in KNOWN):
        raise needs(f"“{name}” of “{domain}”" for domain, name in custom[:3])
    return found


def needs(operators: Any) -> Invalid:
    return Invalid(CUSTOM.format(names=", ".join(operators)), code="custom_operators")


def refusal(error: Exception) -> Invalid:
    """What ONNX Runtime says, as a sentence."""
    said = str(error)
    for what, known in (("opset", OPSET), ("format", VERSION)):
        if told := known.search(said):
            return Invalid(TOO_NEW.format(what=what, has=told[1], most=told[2]), code="too_new")
    if told := UNKNOWN.search(said):
        return needs([f"“{(told[1] or told[2])[:100]}”"])
    if isinstance(error, MemoryError) or ALLOCATING.search(said):
        return Invalid(MEMORY, code="too_much_memory")
    if "INVALID_PROTOBUF" in said:
        return Invalid(NOT_ONNX, code="not_onnx")
    why = said.rpartition(" : ")[2].strip().partition("\n")[0][:300]
    return Invalid(FAILED.format(why=why or type(error).__name__), code="cannot_run")


def is_image(given: Any) -> bool:
    if given.type not in NUMBERS or len(given.shape) != 4:
        return False
    return any(given.shape[axis] in COLOURS or not isinstance(given.shape[axis], int) for axis in (1, 3))


def described(given: Any) -> str:
    sizes = " × ".join(str(size or "?") for size in given.shape)
    return f"“{given.name}” ({given.type.removeprefix('tensor(').rstrip(')')} {sizes or 'number'})"
