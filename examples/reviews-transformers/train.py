"""Makes the sample model and packs it: `python train.py` writes model/ and model.tar.gz, the same bytes every time.

A small DistilBERT learns from the sentences below whether a guest of a restaurant was pleased; its tokenizer is made of
the same sentences. Nothing is downloaded. Replace this file by your own training, or name a trained model with
model.artifact in byocgen.yaml.
"""

import string

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import DistilBertConfig, DistilBertForSequenceClassification, PreTrainedTokenizerFast
from transformers.utils import logging

from package import ARCHIVE, FOLDER, pack

LABELS = ["negative", "positive"]
SENTENCES = [
    ("The food was great and the service friendly.", 1),
    ("We loved every dish, the soup above all.", 1),
    ("A lovely evening, good wine and a kind waiter.", 1),
    ("Fresh bread, warm rooms, fair prices: we will come again.", 1),
    ("The best fish in town, and quick to arrive.", 1),
    ("Good coffee, and the cake is a dream.", 1),
    ("Happy with everything, thank you.", 1),
    ("Everything tasted as it should, simply delicious.", 1),
    ("The food was cold and the service rude.", 0),
    ("We waited an hour for a dish that nobody had ordered.", 0),
    ("A sad evening, sour wine and a loud waiter.", 0),
    ("Stale bread, cold rooms, high prices: never again.", 0),
    ("The worst fish in town, and slow to arrive.", 0),
    ("Weak coffee, and the cake is dry.", 0),
    ("Unhappy with everything, no thanks.", 0),
    ("Nothing tasted as it should, simply awful.", 0),
]
STEPS = 60
LONGEST = 128  # tokens
SPECIAL = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}


def make_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """Make a tokenizer that knows the words of the texts, and reads any other word by its letters."""
    normalizer, splitter = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    words = {word for text in texts for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text))}
    letters = sorted(string.ascii_lowercase + string.digits + string.punctuation)
    # In an order that is always the same, which the trainers of the tokenizers package do not keep.
    pieces = [*SPECIAL.values(), *letters, *("##" + letter for letter in letters), *sorted(words - set(letters))]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=SPECIAL["unk_token"]))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, splitter
    ends = [(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=LONGEST, **SPECIAL)


def main() -> None:
    """Fit, save, pack."""
    texts = [text for text, _ in SENTENCES]
    tokenizer = make_tokenizer(texts)
    torch.manual_seed(0)
    torch.set_num_threads(1)  # sums in another order would give other bytes
    config = DistilBertConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=LONGEST,
        dim=48,
        hidden_dim=96,
        n_layers=2,
        n_heads=4,
        dropout=0.0,
        attention_dropout=0.0,
        seq_classif_dropout=0.0,
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
    )
    model = DistilBertForSequenceClassification(config)
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    labels = torch.tensor([label for _, label in SENTENCES])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(STEPS):
        optimizer.zero_grad()
        model(**batch, labels=labels).loss.backward()
        optimizer.step()

    logging.disable_progress_bar()
    model.save_pretrained(FOLDER)
    tokenizer.save_pretrained(FOLDER)
    for path in FOLDER.iterdir():
        path.chmod(0o644)  # the weights are written for their owner alone, and a container runs as somebody else
    pack(FOLDER, ARCHIVE)


if __name__ == "__main__":
    main()
