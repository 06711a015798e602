"""A tokenizer without transformers: the file that the tokenizers package reads, asked as transformers' own is.

Only what the tasks ask. `optimize` writes both files, and shows that its tokens are those of the model's tokenizer.
"""

from collections.abc import Sequence
from typing import Any

from tokenizers import Encoding, Tokenizer

# What transformers tidies up in a text made of tokens, where a tokenizer says so.
TIDY = (" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're")


class Encoded(dict[str, Any]):
    """Tokens by name, a list a text, or the list itself for a single text."""

    def __init__(self, encodings: Sequence[Encoding], values: dict[str, Any]) -> None:
        """Keep them."""
        super().__init__(values)
        self._encodings = encodings

    def sequence_ids(self, number: int) -> list[int | None]:
        """Tell of each token of a text which of two texts it is of, None for one that belongs to neither."""
        found: list[int | None] = self._encodings[number].sequence_ids
        return found


class Words:
    """Makes tokens of texts. `facts` is what `optimize` noted of the model's tokenizer."""

    is_fast = True

    def __init__(self, tokenizer: Tokenizer, facts: dict[str, Any]) -> None:
        """Take the tokenizer and what its file does not say."""
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.encode_special_tokens = facts["split_special_tokens"]
        self.backend_tokenizer = tokenizer
        self.pad_token_id: int | None = facts["pad_token_id"]
        self.pad_token_type_id: int = facts["pad_token_type_id"]
        self.padding_side: str = facts["padding_side"]
        self.mask_token: str | None = facts["mask_token"]
        self.mask_token_id: int | None = facts["mask_token_id"]
        self.unk_token_id: int | None = facts["unk_token_id"]
        self._names: list[str] = facts["names"]
        self._direction: str = facts["truncation_side"]
        self._tidies: bool = facts["tidies"]

    def __call__(self, text: str | Sequence[str], pair: str | None = None, **options: Any) -> Encoded:
        """Give the tokens of a text, of a pair, or of each text; with overflow a list each, also of what was cut off.

        Options: truncation, max_length, stride, return_overflowing_tokens, return_special_tokens_mask,
        return_offsets_mapping, as of transformers' tokenizers.
        """
        self._cut(options)
        single, several = isinstance(text, str), options.get("return_overflowing_tokens")
        backend = self.backend_tokenizer
        encodings = [backend.encode(text, pair)] if single else backend.encode_batch(list(text))
        if several:
            encodings = [part for whole in encodings for part in (whole, *whole.overflowing)]
        sources = {name: SOURCES[name] for name in self._names}
        if options.get("return_special_tokens_mask"):
            sources["special_tokens_mask"] = "special_tokens_mask"
        if options.get("return_offsets_mapping"):
            sources["offset_mapping"] = "offsets"
        values = {name: [getattr(one, source) for one in encodings] for name, source in sources.items()}
        if single and not several:
            values = {name: lists[0] for name, lists in values.items()}
        return Encoded(encodings, values)

    def _cut(self, options: dict[str, Any]) -> None:
        way = options.get("truncation")
        if not way:
            self.backend_tokenizer.no_truncation()
            return
        self.backend_tokenizer.enable_truncation(
            options["max_length"],
            stride=options.get("stride", 0),
            strategy="longest_first" if way is True else way,
            direction=self._direction,
        )

    def num_special_tokens_to_add(self, *, pair: bool = False) -> int:
        """Count the tokens that stand around a text, or around and between two."""
        return int(self.backend_tokenizer.num_special_tokens_to_add(pair))

    def convert_ids_to_tokens(self, number: int) -> str | None:
        """Give a token's piece of text, as the vocabulary has it."""
        found: str | None = self.backend_tokenizer.id_to_token(number)
        return found

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Join pieces to a text."""
        decoder = self.backend_tokenizer.decoder
        return " ".join(tokens) if decoder is None else str(decoder.decode(tokens))

    def decode(self, ids: list[int], *, skip_special_tokens: bool = False) -> str:
        """Give the text of tokens."""
        text: str = self.backend_tokenizer.decode(ids, skip_special_tokens=skip_special_tokens)
        for wide in TIDY if self._tidies else ():
            text = text.replace(wide, wide.strip())
        return text


SOURCES = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
"""What the tokenizers package calls what a model reads."""
