"""What the detectors share that run models of people's own, by ONNX Runtime."""
