"""The confusion map: what a model says, held against what people say, thing by thing."""
