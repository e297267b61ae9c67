"""How Alembic runs here: on the connection that it is handed, in the transaction that is already open.

It opens nothing and reads no configuration file.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
