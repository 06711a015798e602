"""Saves the model as mlflow has it: `python mlflow_model.py MODEL TARGET`."""

import sys

import mlflow.pyfunc


class Wrapped(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        from served import load

        self.model = load(context.artifacts["model"])

    def predict(self, context, model_input, params=None):
        rows = model_input.to_numpy() if hasattr(model_input, "to_numpy") else model_input
        return self.model(rows)


mlflow.pyfunc.save_model(
    path=sys.argv[2],
    python_model=Wrapped(),
    artifacts={"model": sys.argv[1]},
    pip_requirements=[],
    code_paths=[__file__.replace("mlflow_model", "served")],
)
