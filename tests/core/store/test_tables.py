"""The tables: steps that lead to what the code expects, and no column that tells about anybody."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from core.store.database import Database
from core.store.migrate import alembic_config, upgrade
from core.store.tables import metadata

RANDOM = "a random id"
TIME = "a moment, of nobody in particular"
WORD = "one of a few words that the code knows"
NUMBER = "a count or a running number"

IN_CLEAR = {
    **dict.fromkeys(("address.network", "outgoing.network", "outgoing.channel"), WORD),
    **dict.fromkeys(("consent.channel", "consent.language", "consent.purpose"), WORD),
    **dict.fromkeys(
        ("person.language", "person.accents", "person.discreet"), "how to write, not to whom"
    ),
    **dict.fromkeys(("person.id", "address.person_id", "consent.person_id"), RANDOM),
    **dict.fromkeys(("outgoing.person_id", "short_code.id", "deferred.id"), RANDOM),
    **dict.fromkeys(("refusal.topic", "refusal.source"), WORD),
    "refusal.person_id": RANDOM,
    "consent.wording": "the sentence as shown to everybody",
    "tries.kind": WORD,
    "deferred.platform": WORD,
    **dict.fromkeys(("inbox.state", "deferred.state", "outgoing.status", "receipt.status"), WORD),
    **dict.fromkeys(("outgoing.purpose", "outgoing.lane", "look_up.kind", "look_up.outcome"), WORD),
    **dict.fromkeys(("inbox.provider", "outgoing.provider", "receipt.provider"), WORD),
    "inbox.provider_id": "the provider's running number of a message",
    **dict.fromkeys(("outgoing.provider_ref", "receipt.provider_ref"), "the provider's own id"),
    **dict.fromkeys(("outgoing.id", "receipt.outgoing_id"), "made from the key"),
    **dict.fromkeys(("event.kind", "event_told.kind", "cursor.kind", "event_told.network"), WORD),
    "event.version": "the platform's count of a record's changes",
    "event_told.person_id": RANDOM,
    "check_in_reader.person_id": RANDOM,
    "outgoing.key": "names an event; whoever takes keys from outside makes them blind first",
    "deferred.key": "names a turn of a dialogue, by random ids",
    **dict.fromkeys(("outgoing.words", "receipt.words"), "a provider's code or words"),
    **dict.fromkeys(("outgoing.cost", "attempt.cost"), NUMBER),
    **dict.fromkeys(("attempt.provider", "attempt.network", "attempt.outcome"), WORD),
    "attempt.outgoing_id": "made from the key",
    "attempt.words": "a provider's code or words, or ours",
    **dict.fromkeys(("outgoing.owner", "request.owner", "subscriber.owner"), "an API key's id"),
    "outgoing.test": "whether it was only tried out",
    "outgoing.told": WORD,
    "request.ids": "made from the keys of messages",
    "request.fresh": "which of them were new",
    "replay.outgoing_id": "made from the key",
    "replay.by": "the id of an API key, or that it was the command line",
    "replay.words": "a provider's code or words, or ours",
    **dict.fromkeys(("api_key.id", "look_up.key_id"), RANDOM),
    "api_key.name": "whose key it is: a checkpoint or a system",
    "api_key.hash": "a hash of 32 random bytes",
    **dict.fromkeys(("api_key.scopes", "api_key.test"), WORD),
    "look_up.place": "a checkpoint",
    **dict.fromkeys(("talk.id", "talk_line.talk_id"), RANDOM),
    **dict.fromkeys(("talk.network", "talk.ending", "talk_line.said_by"), WORD),
    **dict.fromkeys(("talk.language", "talk.by_hand"), "how to write, not to whom"),
    "talk_line.key": "the provider's running number of a message, or a blind index",
    "talk_line.key_id": "the id of an API key",
    "proof.id": RANDOM,
    "token_pair.name": "whose tokens they are: a network",
    **dict.fromkeys(
        ("campaign.id", "campaign_row.campaign_id", "campaign_step.campaign_id"), RANDOM
    ),
    **dict.fromkeys(("campaign.state", "campaign.test", "campaign_row.state"), WORD),
    **dict.fromkeys(("campaign.paused_areas", "campaign.stopped_areas"), "codes of areas"),
    **dict.fromkeys(("campaign_row.province", "campaign_row.ward"), "the code of an area"),
    **dict.fromkeys(("campaign.why", "campaign_row.reason"), "our own words, with counts in them"),
    "campaign_row.canary": WORD,
    "campaign_row.outgoing_id": "made from the key",
    "campaign_step.what": WORD,
    "heartbeat.worker": "the name of one of our own processes",
    "jobs_schema.name": "the name of a file",
}


def test_every_column_is_sealed_or_blind_or_here_with_a_reason() -> None:
    unexplained, needless = [], set(IN_CLEAR)
    for table in metadata.tables.values():
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            needless.discard(name)
            kind = type(column.type).__name__
            harmless = kind == "TIMESTAMP" or (kind in {"Integer", "BigInteger"})
            hidden = column.info.get("hidden") in {"sealed", "blind"} and kind == "LargeBinary"
            if not (hidden or harmless or name in IN_CLEAR):
                unexplained.append(name)
    assert not unexplained, "seal these, or say here why they may be read by anybody"
    assert not needless, "these are gone"


def test_the_steps_lead_to_the_tables_that_the_code_expects(database: Database) -> None:
    def ours(difference: Any) -> bool:
        return "procrastinate" not in repr(difference)

    with database.begin() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [difference for difference in differences if ours(difference)] == []


def test_several_processes_may_migrate_at_once_and_again(empty_database_url: str) -> None:
    with ThreadPoolExecutor(3) as processes:
        for one in [processes.submit(upgrade, empty_database_url) for _ in range(3)]:
            one.result()
    upgrade(empty_database_url)
    database = Database(empty_database_url)
    tables = set(inspect(database.engine).get_table_names())
    with database.begin() as connection:
        files = connection.execute(text("SELECT count(*) FROM jobs_schema")).scalar_one()
    database.close()
    assert {*metadata.tables, "procrastinate_jobs"} <= tables
    assert files > 30


def test_a_newer_procrastinate_brings_its_own_tables_up_to_date(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    database = Database(empty_database_url)
    function = "procrastinate_fetch_job_v2"
    file = {"name": "03.03.00_01_pre_priority_lock_fetch_job.sql"}
    with database.begin() as connection:
        connection.execute(text("DROP FUNCTION " + function))
        connection.execute(text("DELETE FROM jobs_schema WHERE name = :name"), file)
    upgrade(empty_database_url)
    with database.begin() as connection:
        back = connection.execute(
            text("SELECT count(*) FROM pg_proc WHERE proname = :name"), {"name": function}
        ).scalar_one()
    database.close()
    assert back == 1


def test_every_step_can_be_taken_back(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert not set(inspect(engine).get_table_names()) & set(metadata.tables)
    engine.dispose()
