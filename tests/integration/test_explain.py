"""``copydesk explain`` with the topics of a real Kafka."""

from __future__ import annotations

import json

from schemas import Duplicate, decode
from tests.explain.support import records, stray
from tests.integration.support import SETTINGS, recreate_topics
from tests.integration.test_reading import copydesk, send
from workers.explain.in_topics import OUTPUTS
from workers.topics import DUPLICATES


def test_a_copy_is_explained_by_its_id_and_by_its_coordinates(bootstrap: str) -> None:
    recreate_topics(bootstrap, SETTINGS)
    send(bootstrap, (*map(stray, OUTPUTS), *records()))
    copy = next(decode(each.value or b"", Duplicate) for each in records() if each.topic == DUPLICATES)
    by_id, by_place = (json.loads(copydesk(bootstrap, "explain", name, "--json")) for name in (copy.id, "news-raw-0-1"))
    assert by_id == by_place
    assert by_id["duplicate"]["duplicate_of"] == by_id["copy"]["original"]["id"] == copy.duplicate_of
    assert by_id["copy"]["copy_text"][0]["mark"] == "shared"
