"""The table of rights agrees with what the commands do."""

from __future__ import annotations

from workers.cli.tail import DEFAULT_TOPICS
from workers.dead_letters.replay import GROUP
from workers.explain.in_topics import OUTPUTS
from workers.kafka.rights import COMMAND_GROUPS, COMMAND_RIGHTS
from workers.reading import stories
from workers.topics import RAW


def test_commands_have_rights_for_the_topics_that_they_read() -> None:
    assert COMMAND_RIGHTS["tail"].keys() == set(DEFAULT_TOPICS)
    assert COMMAND_RIGHTS["stories"].keys() == set(stories.TOPICS)
    assert COMMAND_RIGHTS["explain"].keys() == {RAW, *OUTPUTS}
    assert COMMAND_GROUPS["dead-letters replay"][1] == f"{GROUP}*"
