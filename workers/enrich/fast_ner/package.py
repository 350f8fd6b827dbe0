"""Reads a spaCy package's recogniser as arrays, after checking that it is built as the other modules expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from spacy.attrs import IDS
from spacy.pipeline import EntityRecognizer
from spacy.tokenizer import Tokenizer

from workers.enrich.fast_ner.decoding import DecisionWeights, Decoder, Moves
from workers.enrich.fast_ner.network import Encoder, layer
from workers.enrich.fast_ner.pieces import CONTEXT_FREE, PADDING_ROWS, Floats, attributes_of
from workers.errors import CopydeskError


class UnsupportedPackageError(CopydeskError):
    """The package's recogniser is not built as this implementation expects; run it with spaCy."""


@dataclass(frozen=True, slots=True)
class Package:
    """A recogniser: its labels, its embedding layer with the attributes that it reads, and the rest as arrays."""

    labels: list[str]
    embed: Any
    attributes: list[int]
    encoder: Encoder
    decoder: Decoder


def read(nlp: Any) -> Package:
    """The recogniser of a pipeline that has no other component.

    Raises:
        UnsupportedPackageError: it is built in another way.
    """
    expect(nlp.pipe_names == ["ner"], "it has other components that the recogniser needs")
    ner = nlp.get_pipe("ner")
    config = nlp.config["components"]["ner"]["model"]
    expect(type(ner) is EntityRecognizer and ner.cfg.get("beam_width", 1) == 1, "it is not a greedy recogniser")
    expect(type(nlp.tokenizer) is Tokenizer, "its tokenizer is not spaCy's")
    expect(not any(" " in rule.strip() for rule in nlp.tokenizer.rules), "its tokenizer joins words")
    wanted = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "maxout_pieces": 2,
        "use_upper": True,
    }
    differing = [name for name, value in wanted.items() if config.get(name) != value]
    expect(not differing, f"its parser has another {', '.join(differing)}")
    tok2vec = config["tok2vec"]
    expect(tok2vec["@architectures"] == "spacy.Tok2Vec.v2", "it shares its vectors with other components")
    embed, encode = tok2vec["embed"], tok2vec["encode"]
    expect(embed["@architectures"] == "spacy.MultiHashEmbed.v2", "its embedding is another")
    expect(encode["@architectures"] == "spacy.MaxoutWindowEncoder.v2", "its encoder is another")
    expect(encode["window_size"] == 1 and encode["depth"] <= PADDING_ROWS, "its encoder sees further")
    model = ner.model
    expect(not model.attrs["unseen_classes"], "it has classes without training")
    tok2vec_model = model.get_ref("tok2vec")
    context, _, projection = tok2vec_model.layers
    columns = [IDS[name] for name in embed["attrs"]]
    expect(set(columns) <= CONTEXT_FREE, "its embedding depends on the context")
    encoder = _encoder(context.get_ref("encode"))
    labels, moves = _moves(ner)
    decoder = Decoder(_decisions(encoder.shift, projection, model.get_ref("lower"), model.get_ref("upper")), moves)
    return Package(
        labels, context.get_ref("embed"), attributes_of(columns, embed["include_static_vectors"]), encoder, decoder
    )


def expect(is_so: bool, problem: str) -> None:
    """Check something about the package.

    Raises:
        UnsupportedPackageError: it is not so.
    """
    if not is_so:
        raise UnsupportedPackageError(problem)


def _encoder(encode: Any) -> Encoder:
    layers = []
    for residual in encode.layers[0].layers:
        maxout = next(node for node in residual.walk() if node.name == "maxout")
        norm = next(node for node in residual.walk() if node.name == "layernorm")
        layers.append(layer(maxout.get_param("W"), maxout.get_param("b"), norm.get_param("G"), norm.get_param("b")))
    return Encoder(layers)


def _decisions(shift: Floats, projection: Any, lower: Any, upper: Any) -> DecisionWeights:
    weights, bias = projection.get_param("W"), projection.get_param("b")
    constant = shift @ weights.T + bias
    features = [_piece_major(feature) for feature in lower.get_param("W")]  # of the token, the first, the one before
    padding = [each.T.reshape(-1) for each in lower.get_param("pad")[0]]
    lower_bias = lower.get_param("b").T.reshape(-1)
    token, first, previous = (np.ascontiguousarray(weights.T @ feature) for feature in features)
    of_token, of_first, of_previous = (constant @ feature for feature in features)
    return DecisionWeights(
        token=token,
        first=first,
        previous=previous,
        no_entity=of_token + padding[1] + padding[2] + lower_bias,
        entity=of_token + of_first + of_previous + lower_bias,
        moves=upper.get_param("W").T.copy(),
        moves_bias=upper.get_param("b").copy(),
    )


def _piece_major(feature: Floats) -> Floats:
    """The weights [in, pieces x out] of a feature [out, pieces, in]."""
    outputs, pieces, inputs = feature.shape
    return feature.transpose(2, 1, 0).reshape(inputs, pieces * outputs)


def _moves(ner: Any) -> tuple[list[str], Moves]:
    """The labels, and their moves by number."""
    names = [ner.moves.get_class_name(number) for number in range(ner.moves.n_moves)]
    labels = [name[2:] for name in names if name.startswith("B-")]
    numbers = {name: number for number, name in enumerate(names)}
    expect(
        set(names) == {f"{move}-{label}" for move in "BILU" for label in labels} | {"U-", "O"},
        "its moves are others",
    )
    begin, inside, last, unit = (np.array([numbers[f"{move}-{label}"] for label in labels]) for move in "BILU")
    return labels, Moves(begin, inside, last, unit, numbers["O"])
