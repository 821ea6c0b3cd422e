"""Documentation that the server itself serves: the OpenAPI document, a page to read it, a page per problem."""

from sandbox.documentation.routes import blueprint

__all__ = ["blueprint"]
