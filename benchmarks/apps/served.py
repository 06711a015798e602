"""The model as every peer's app calls it: the file's own library, nothing cleverer.

`load(folder)` gives a function from a list of rows, or of texts, to a list of labels; of XGBoost, to probabilities.
"""

from pathlib import Path


def load(folder):
    """Choose by the file that lies in the folder."""
    folder = Path(folder)
    if (folder / "model.joblib").exists():
        import joblib
        import numpy

        model = joblib.load(folder / "model.joblib")
        return lambda rows: model.predict(numpy.asarray(rows, dtype=float)).tolist()
    if (folder / "model.ubj").exists():
        import numpy
        import xgboost

        booster = xgboost.Booster({"nthread": 1}, model_file=folder / "model.ubj")
        return lambda rows: booster.inplace_predict(numpy.asarray(rows, dtype=numpy.float32)).tolist()
    import torch
    from transformers import pipeline

    torch.set_num_threads(1)
    classify = pipeline("text-classification", model=str(folder), device="cpu")
    return lambda texts: [one["label"] for one in classify(list(texts), batch_size=8)]


def streamer(folder):
    """Give a function from a prompt and a number of tokens to an iterator of pieces of text."""
    from threading import Thread

    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, TextIteratorStreamer

    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)

    def stream(prompt, tokens):
        inputs = tokenizer(prompt, return_tensors="pt", return_token_type_ids=False)
        pieces = TextIteratorStreamer(tokenizer, skip_prompt=True)
        arguments = {**inputs, "max_new_tokens": tokens, "do_sample": False, "streamer": pieces}
        Thread(target=model.generate, kwargs=arguments, daemon=True).start()
        yield from (piece for piece in pieces if piece)

    return stream
