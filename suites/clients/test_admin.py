"""Models come, are replaced and go over HTTP, under load too."""

import concurrent.futures
import json
import threading

import pytest
import requests

import archives
from conftest import digits_archive
from repository import EXAMPLES

DIGITS = json.loads((EXAMPLES / "requests/digits.json").read_text())
REPLACEMENTS = 50


def versions(server, name: str) -> list[str]:
    status = requests.get(server.url(name), timeout=10).json()["model_version_status"]
    return [version["version"] for version in status if version["state"] == "AVAILABLE"]


def test_a_raw_upload_becomes_the_next_version(server, uploaded):
    answer = server.upload(uploaded, digits_archive())
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(f"/v1/models/{uploaded}/versions/2")
    assert versions(server, uploaded) == ["2"], "the default policy serves the latest version"
    assert server.predict(uploaded, DIGITS).status_code == 200


def test_a_form_upload_becomes_the_next_version(server, uploaded):
    form = {"model": ("model.keras", digits_archive(), "application/octet-stream")}
    answer = requests.post(server.url(uploaded), files=form, timeout=60)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(f"/v1/models/{uploaded}/versions/2")


def test_the_location_is_the_status_of_the_version(server, uploaded):
    location = server.upload(uploaded, digits_archive()).headers["Location"]
    status = requests.get(requests.compat.urljoin(server.address, location), timeout=10)
    assert [version["version"] for version in status.json()["model_version_status"]] == ["2"]


def test_put_chooses_the_version(server, uploaded):
    headers = {"Content-Type": "application/octet-stream"}
    answer = requests.put(server.url(f"{uploaded}/versions/20"), data=digits_archive(), headers=headers, timeout=60)
    assert answer.status_code == 201, answer.text
    assert versions(server, uploaded) == ["20"]
    assert server.predict(f"{uploaded}/versions/20", DIGITS).status_code == 200


def test_weights_alone_become_a_version_of_an_architecture(server, uploaded):
    expected = server.predict(uploaded, DIGITS).json()
    weights = archives.weights_of(digits_archive())
    answer = requests.put(server.url(f"{uploaded}/versions/2?base=1"), data=weights, timeout=60)
    assert answer.status_code == 201, answer.text
    assert versions(server, uploaded) == ["2"]
    assert server.predict(f"{uploaded}/versions/2", DIGITS).json() == expected


def test_weights_need_a_base_that_is_there(server, uploaded):
    weights = archives.weights_of(digits_archive())
    for base, status in (("7", 404), ("newest", 400)):
        answer = requests.put(server.url(f"{uploaded}/versions/2?base={base}"), data=weights, timeout=60)
        assert answer.status_code == status, answer.text
    assert versions(server, uploaded) == ["1"]


def test_a_whole_model_is_no_weights(server, uploaded):
    answer = requests.put(server.url(f"{uploaded}/versions/2?base=1"), data=digits_archive(), timeout=60)
    assert answer.status_code == 400 and "weights alone expected" in answer.text
    assert versions(server, uploaded) == ["1"]


def test_the_report_names_every_unsupported_layer(server, uploaded):
    answer = server.upload(uploaded, archives.with_unknown_layers(digits_archive()))
    assert answer.status_code == 422, answer.text
    for part in ("'conv2d'", "'conv2d_1'", "Whirl", "ours>Whirl"):
        assert part in answer.text
    assert versions(server, uploaded) == ["1"]


def test_models_are_listed(server, uploaded):
    answer = requests.get(f"{server.address}/v1/models", timeout=10)
    assert answer.status_code == 200
    names = [model["name"] for model in answer.json()["models"]]
    assert {uploaded, "digits", "wine"} <= set(names)


def test_a_deleted_version_is_gone(server, uploaded, models):
    server.upload(uploaded, digits_archive())
    assert server.delete(f"{uploaded}/versions/2").ok
    assert "2" not in versions(server, uploaded)
    assert not (models / uploaded / "2").exists()


def test_a_deleted_model_is_gone(server, uploaded, models):
    assert server.delete(uploaded).ok
    assert server.predict(uploaded, DIGITS).status_code == 404
    assert requests.get(server.url(uploaded), timeout=10).status_code == 404
    assert not (models / uploaded).exists()


@pytest.mark.parametrize("path", ["nobody", "wine/versions/7"])
def test_deleting_nothing_is_an_error(server, path):
    assert server.delete(path).status_code == 404


@pytest.mark.parametrize("name", ["..", "a%2Fb", "%2e%2e", ".hidden"])
def test_a_name_cannot_leave_the_folder(server, models, name):
    before = sorted(path.name for path in models.parent.iterdir())
    url = requests.Request("POST", server.url("x"), data=digits_archive()).prepare()
    url.url = server.url(name)
    with requests.Session() as session:
        answer = session.send(url, timeout=60)
    assert answer.status_code in (400, 404, 405), answer.text
    assert sorted(path.name for path in models.parent.iterdir()) == before


def test_no_request_fails_while_versions_are_replaced(server, uploaded):
    expected = server.predict(uploaded, DIGITS).json()
    done = threading.Event()

    def predict_until_done() -> int:
        with requests.Session() as session:
            answered = 0
            while not done.is_set():
                answer = session.post(server.url(f"{uploaded}:predict"), json=DIGITS, timeout=60)
                assert answer.status_code == 200, answer.text
                assert answer.json() == expected
                answered += 1
            return answered

    with concurrent.futures.ThreadPoolExecutor(2) as clients:
        answered = [clients.submit(predict_until_done) for _ in range(2)]
        try:
            for _ in range(REPLACEMENTS):
                assert server.upload(uploaded, digits_archive()).status_code == 201
        finally:
            done.set()
        assert all(client.result() > 0 for client in answered)
    assert versions(server, uploaded) == [str(REPLACEMENTS + 1)]
