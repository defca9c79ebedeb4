"""Alembic's entry: runs the steps on the connection that `upgrade.py` has opened, inside its transaction."""

from alembic import context

from sora_compare.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
