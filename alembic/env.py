"""Runs the migrations against the database of the settings, or the one that a caller hands over."""

from alembic import context
from sqlalchemy import Connection, make_url

from service.config import load_settings
from service.store.engine import make_engine
from service.store.schema import Base
from service.store.types import UtcDateTime


def render_item(kind, item, autogen_context):
    """Write our own column types as what they are in the database, so that migrations stand alone."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        run(connection)
        return
    url = context.config.attributes.get("url")
    if url is None:
        settings = load_settings()
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        url = settings.url_of_database
    engine = make_engine(make_url(url).render_as_string(hide_password=False))
    with engine.connect() as connection:
        run(connection)
        connection.commit()
    engine.dispose()


main()
