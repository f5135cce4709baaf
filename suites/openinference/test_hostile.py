"""Bodies that nobody means: cut, turned and filled at random. They are refused, and the server goes on."""

import json
import random

import pytest
import requests

from test_json import FLAT, HEADER, binary, infer, request

MUTATIONS = 400
PIECES = [b"", b"{", b"}", b"[", b"]", b"\"", b",", b":", b"null", b"-1", b"1e999", b"\x00", b"\xff", b"9" * 40, b"[" * 2000]


def mutated(body: bytes, generator: random.Random) -> bytes:
    start = generator.randrange(len(body) + 1)
    end = min(len(body), start + generator.choice([0, 1, 1, 2, 8, 40]))
    return body[:start] + generator.choice(PIECES) + body[end:]


@pytest.mark.parametrize("seed", range(4))
def test_mutated_bodies(server, seed):
    generator = random.Random(seed)
    tensor = bytes(4 * len(FLAT))
    text, headers = binary(request(data=None, parameters={"binary_data_size": len(tensor)}), tensor)
    bodies = [(json.dumps(request()).encode(), {}), (text, headers), (tensor[:52], {HEADER: "0"})]
    with requests.Session() as session:
        for _ in range(MUTATIONS):
            body, given = generator.choice(bodies)
            answer = session.post(f"{server.address}/v2/models/wine/infer", data=mutated(body, generator), headers=given, timeout=30)
            assert answer.status_code == 200 or 400 <= answer.status_code < 500, answer.text
            if answer.status_code != 200:
                assert list(answer.json()) == ["error"]
    assert infer(server, request()).status_code == 200
