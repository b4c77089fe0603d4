"""Learning from what people labelled: arrays in, arrays out. It knows neither tables nor requests."""
