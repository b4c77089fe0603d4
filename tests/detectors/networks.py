"""Small ONNX models, for tests."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

OPSET = 17
IMAGES = ["n", 3, 8, 8]


def model(
    nodes: Sequence[NodeProto],
    *,
    image: Sequence[Any] = IMAGES,
    outputs: Iterable[tuple[str, Sequence[Any]]] = (("y", ["n", 3]),),
    numbers: dict[str, Any] | None = None,
    about: dict[str, str] | None = None,
    opset: int = OPSET,
    kind: int = TensorProto.FLOAT,
    domains: Sequence[str] = (),
) -> Any:
    initial = [numpy_helper.from_array(np.asarray(value), name) for name, value in (numbers or {}).items()]
    given = [helper.make_tensor_value_info("x", kind, image)]
    answers = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs]
    graph = helper.make_graph(nodes, "small", given, answers, initial)
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    helper.set_model_props(made, about or {})
    return made


def saved(*args: Any, **more: Any) -> bytes:
    return model(*args, **more).SerializeToString()


def colours(*, softmax: bool = False, **more: Any) -> bytes:
    """How much red, green and blue there is: a classifier of three classes."""
    nodes = [
        helper.make_node("Cast", ["x"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("GlobalAveragePool", ["float"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["sums"]),
        helper.make_node("Softmax" if softmax else "Identity", ["sums"], ["y"]),
    ]
    return saved(nodes, **more)


def constant(rows: np.ndarray, *, image: Sequence[Any] = IMAGES, **more: Any) -> bytes:
    """Answers these rows for each image, a little moved by how bright it is: a detection model without eyes."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Squeeze", ["mean", "last"], ["bright"]),
        helper.make_node("Mul", ["bright", "nothing"], ["none"]),
        helper.make_node("Add", ["none", "rows"], ["y"]),
    ]
    numbers = {
        "last": np.array([3]),
        "nothing": np.float32([0]),
        "rows": rows.astype(np.float32)[None],
    }
    return saved(nodes, image=image, outputs=[("y", ["n", *rows.shape])], numbers=numbers, **more)
