"""The data of the native API in every pagination style; never data of its own."""

from sandbox.dialects.routes import blueprint

__all__ = ["blueprint"]
