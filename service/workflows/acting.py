"""Who acts: re-exported for the front doors, which do not enter the store."""

from service.store.audit import SYSTEM, By

__all__ = ["SYSTEM", "By"]
