"""Run Keras's recurrent layers, in a process of their own: Keras chooses its backend when it is imported.

``python keras_layers.py cases.npz results.npz`` reads the arrays of each case ("name/array"), of which "name/layer"
says what to build, and writes what Keras gives for them.
"""

import json
import sys

import numpy as np
import torch


def run(about, x, mask, weights, probe):
    """All states of one layer, step by step, and the gradients of a loss on its outputs."""
    import keras  # not in the process of the tests, which collect this file, too

    layer = getattr(keras.layers, about["layer"])(
        weights[1].shape[0],
        return_sequences=True,
        return_state=True,
        **about["options"],
    )
    layer.build(x.shape)
    layer.set_weights(weights)
    outputs, *final = layer(x, mask=mask)
    (outputs * torch.from_numpy(probe)).sum().backward()
    found = {
        "hidden": outputs,
        **{f"final_{index}": state for index, state in enumerate(final)},
        **{
            f"gradient_{index}": variable.value.grad
            for index, variable in enumerate(layer.trainable_variables)
        },
    }
    if about["layer"] == "LSTM":  # of the cell Keras gives the last state only: run every beginning
        lasts = [layer(x[:, : t + 1], mask=mask[:, : t + 1])[2] for t in range(x.shape[1])]
        found["cell"] = torch.stack(lasts, 1)
    return {name: value.detach().numpy() for name, value in found.items()}


def main(source, target):
    cases = np.load(source)
    results = {}
    for name in sorted({key.split("/")[0] for key in cases}):
        about = json.loads(str(cases[f"{name}/about"]))
        weights = [cases[f"{name}/weight_{index}"] for index in range(about["weights"])]
        found = run(about, cases[f"{name}/x"], cases[f"{name}/mask"], weights, cases[f"{name}/probe"])
        results |= {f"{name}/{key}": value for key, value in found.items()}
    np.savez(target, **results)


if __name__ == "__main__":
    main(*sys.argv[1:])
