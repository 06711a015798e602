"""Makes the model files that every server loads: `python benchmarks/models.py FOLDER MODEL...`.

Random data, random weights, always the same.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

HOME = Path(__file__).parent
sys.path.insert(0, str(HOME.parent))

from benchmarks.workloads import COLUMNS, SEED, WORDS  # noqa: E402


def _data() -> tuple[Any, Any]:
    from sklearn.datasets import make_classification  # noqa: PLC0415

    rows, labels = make_classification(n_samples=4000, n_features=COLUMNS, n_informative=12, random_state=SEED)
    return rows, labels


def logistic(folder: Path) -> None:
    """A scaler and a logistic regression."""
    import joblib  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    joblib.dump(make_pipeline(StandardScaler(), LogisticRegression()).fit(*_data()), folder / "model.joblib")


def forest(folder: Path) -> None:
    """200 trees without a limit of depth."""
    import joblib  # noqa: PLC0415
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415

    joblib.dump(RandomForestClassifier(200, random_state=SEED, n_jobs=1).fit(*_data()), folder / "model.joblib")


def xgboost(folder: Path) -> None:
    """200 boosted trees of depth 6, in XGBoost's own form."""
    import xgboost as library  # noqa: PLC0415

    model = library.XGBClassifier(n_estimators=200, max_depth=6, n_jobs=1, random_state=SEED).fit(*_data())
    model.save_model(folder / "model.ubj")


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: PLC0415
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

    special = {"pad_token": "[PAD]", "unk_token": "[UNK]"}
    filling = [f"w{number}" for number in range(5000)]
    vocabulary = {word: number for number, word in enumerate([*special.values(), *WORDS, *filling])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))  # noqa: S106 - a token of text
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    made: Any = PreTrainedTokenizerFast
    return made(tokenizer_object=tokenizer, model_max_length=256, **special)


def classifier(folder: Path) -> None:
    """A BERT of 4 layers, hidden 256, with random weights."""
    import torch  # noqa: PLC0415
    from transformers import BertConfig, BertForSequenceClassification  # noqa: PLC0415

    torch.manual_seed(SEED)
    tokenizer = _tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=256, num_hidden_layers=4, num_attention_heads=4, intermediate_size=1024,
        max_position_embeddings=256, id2label={0: "no", 1: "yes"}, label2id={"no": 0, "yes": 1}, pad_token_id=0,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def generator(folder: Path) -> None:
    """A Llama of 4 layers, hidden 256, with random weights."""
    import torch  # noqa: PLC0415
    from transformers import LlamaConfig, LlamaForCausalLM  # noqa: PLC0415

    torch.manual_seed(SEED)
    tokenizer = _tokenizer()
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=256, num_hidden_layers=4, num_attention_heads=4, intermediate_size=688,
        max_position_embeddings=512, pad_token_id=0, bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


MAKERS = {"logistic": logistic, "forest": forest, "xgboost": xgboost, "classifier": classifier, "generator": generator}


def main(folder: Path, names: list[str]) -> None:
    """Make the models that are not there yet, each in a folder of its own."""
    for name in names:
        if not (folder / name).exists():
            fresh = folder / f"{name}.new"
            fresh.mkdir(parents=True, exist_ok=True)
            MAKERS[name](fresh)
            fresh.rename(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
