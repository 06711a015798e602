"""Models to measure: of each framework one or several, as large as a minute makes them, each with its bytes in memory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

COLUMNS, ROWS = 30, 40_000
TREES, LEAVES = 40, 10_000
WIDTH, LAYERS = 5000, 2  # 191 MiB of float32
Maker = Callable[[Path], int]


def table() -> tuple[Any, Any]:
    """Numbers with classes that have nothing to do with them, so that trees grow as far as they may."""
    random = np.random.default_rng(0)
    return random.random((ROWS, COLUMNS)), random.integers(0, 2, ROWS)


def forest(folder: Path) -> int:
    """scikit-learn: many small arrays in objects."""
    import joblib  # noqa: PLC0415
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415

    model = RandomForestClassifier(3 * TREES, n_jobs=2).fit(*table())
    joblib.dump(model, folder / "model.joblib")
    states = [tree.tree_.__getstate__() for tree in model.estimators_]
    return sum(int(state["nodes"].nbytes + state["values"].nbytes) for state in states)


def linear(folder: Path) -> int:
    """scikit-learn: one large array."""
    import joblib  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    model = LogisticRegression()
    model.coef_ = np.random.default_rng(0).random((10_000, 2_500))
    model.intercept_, model.classes_, model.n_features_in_ = np.zeros(10_000), np.arange(10_000), 2_500
    joblib.dump(model, folder / "model.joblib")
    return int(model.coef_.nbytes)


def xgboost_trees(folder: Path) -> int:
    """XGBoost: the file's own size stands for the model's."""
    import xgboost  # noqa: PLC0415

    rows, classes = table()
    deep = {"objective": "binary:logistic", "max_depth": 16, "max_bin": 16, "nthread": 2}
    deep |= {"lambda": 0, "min_child_weight": 0, "eta": 0.05}
    xgboost.train(deep, xgboost.DMatrix(rows, classes), TREES).save_model(folder / "model.ubj")
    return (folder / "model.ubj").stat().st_size


def lightgbm_trees(folder: Path) -> int:
    """LightGBM: the file's own size stands for the model's."""
    import lightgbm  # noqa: PLC0415

    deep = {"objective": "binary", "num_leaves": LEAVES, "min_data_in_leaf": 1, "num_threads": 2, "verbose": -1}
    deep |= {"min_sum_hessian_in_leaf": 0}
    lightgbm.train(deep, lightgbm.Dataset(*table()), TREES).save_model(folder / "model.txt")
    return (folder / "model.txt").stat().st_size


def network() -> Any:
    """A PyTorch module of linear layers."""
    from torch import nn  # noqa: PLC0415

    return nn.Sequential(*(nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS))).eval()


def scripted(folder: Path) -> int:
    """PyTorch: TorchScript."""
    import torch  # noqa: PLC0415

    made = network()
    torch.jit.script(made).save(str(folder / "model.pt"))
    return sum(weights.nbytes for weights in made.parameters())


def exported(folder: Path) -> int:
    """PyTorch: a program of torch.export."""
    import torch  # noqa: PLC0415

    made = network()
    torch.export.save(torch.export.export(made, (torch.rand(2, WIDTH),)), str(folder / "model.pt2"))
    return sum(weights.nbytes for weights in made.parameters())


def checkpoint(folder: Path) -> int:
    """transformers: a classifier of texts with random weights and a vocabulary of made-up words."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer  # noqa: PLC0415

    made = BertForSequenceClassification(BertConfig(num_hidden_layers=6))
    made.save_pretrained(folder)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{number}" for number in range(30_517))]
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return sum(weights.nbytes for weights in made.parameters())


def graph(folder: Path) -> int:
    """ONNX: matrices as initializers."""
    import onnx  # noqa: PLC0415
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    random = np.random.default_rng(0)
    matrices = [random.random((WIDTH, WIDTH), dtype=np.float32) for _ in range(LAYERS)]
    names = ["x", *(f"y{number}" for number in range(LAYERS))]
    nodes = [helper.make_node("MatMul", [names[n], f"w{n}"], [names[n + 1]]) for n in range(LAYERS)]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", WIDTH]) for name in (names[0], names[-1])]
    weights = [numpy_helper.from_array(matrix, f"w{n}") for n, matrix in enumerate(matrices)]
    made = helper.make_graph(nodes, "matrices", ends[:1], ends[1:], weights)
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), folder / "model.onnx")
    return sum(matrix.nbytes for matrix in matrices)


MAKERS: dict[str, tuple[Maker, ...]] = {
    "sklearn": (linear, forest),
    "xgboost": (xgboost_trees,),
    "lightgbm": (lightgbm_trees,),
    "pytorch": (scripted, exported),
    "transformers": (checkpoint,),
    "onnx": (graph,),
}
