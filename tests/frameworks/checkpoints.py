"""Tiny transformers checkpoints, one a task: random weights from a configuration, and tokenizers of a few words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

FAST: Any = transformers.PreTrainedTokenizerFast  # neither has types
LOGS: Any = transformers.utils.logging
LIMIT = 32  # tokens that the models take
SPECIAL = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}
LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
WORDS = [
    "anna",
    "lives",
    "in",
    "oslo",
    "and",
    "peter",
    "works",
    "at",
    "the",
    "harbour",
    "of",
    "new",
    "york",
    "maria",
    ",",
    "!",
]
END = "<end>"  # before and after a text
LETTERS = "abcdefghijklmnopqrstuvwxyz .å"
SEED = 3


def pieces() -> Any:
    """A tokenizer as BERT's: whole words, else letters."""
    letters = [chr(number) for number in range(ord("a"), ord("z") + 1)]
    vocabulary = [*SPECIAL.values(), *letters, *("##" + letter for letter in letters), *WORDS]
    numbers = {piece: number for number, piece in enumerate(dict.fromkeys(vocabulary))}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))  # noqa: S106 - a word, no password
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    ends = [(token, numbers[token]) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    return FAST(tokenizer_object=tokenizer, model_max_length=LIMIT, **SPECIAL)


def byte_tokens(limit: int) -> Any:
    """A tokenizer as GPT-2's, a token a byte, so that characters may need several."""
    bytewise = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    alphabet = sorted(set(bytewise.pre_tokenize_str(LETTERS)[0][0]))
    numbers = {piece: number for number, piece in enumerate([END, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=numbers, merges=[]))
    tokenizer.pre_tokenizer = bytewise
    tokenizer.decoder = decoders.ByteLevel()
    return FAST(
        tokenizer_object=tokenizer,
        model_max_length=limit,
        **dict.fromkeys(("bos_token", "eos_token"), END),
    )


def of_bert(kind: str, folder: Path, **config: Any) -> Path:
    """Write a DistilBERT for a task: `kind` is the end of its class's name, as ForMaskedLM."""
    tokenizer = pieces()
    small = {"dim": 16, "hidden_dim": 32, "n_layers": 2, "n_heads": 2, "initializer_range": 0.5}
    settings = transformers.DistilBertConfig(
        vocab_size=len(tokenizer), max_position_embeddings=LIMIT, **{**small, **config}
    )
    return _save(getattr(transformers, f"DistilBert{kind}"), settings, tokenizer, folder)


def of_gpt(folder: Path, positions: int = 64, **config: Any) -> Path:
    """Write a GPT-2 for text-generation."""
    tokenizer = byte_tokens(positions)
    settings = transformers.GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=positions,
        n_embd=16,
        n_layer=2,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
        initializer_range=0.5,
        **config,
    )
    return _save(transformers.GPT2LMHeadModel, settings, tokenizer, folder)


def of_bart(folder: Path, **config: Any) -> Path:
    """Write a BART, which reads a text and writes another."""
    tokenizer = pieces()
    settings = transformers.BartConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=LIMIT,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        init_std=0.5,
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=3,
        decoder_start_token_id=3,
        forced_eos_token_id=3,
        **config,
    )
    return _save(transformers.BartForConditionalGeneration, settings, tokenizer, folder)


def _save(kind: Callable[..., Any], config: Any, tokenizer: Any, folder: Path) -> Path:
    LOGS.disable_progress_bar()
    torch.manual_seed(SEED)
    kind(config).eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
