"""The tables of the fan file: the ledger of what happened and the projections kept beside it.

It holds no query and no rule.
"""

from studio.store.metadata import metadata

__all__ = ["metadata"]
