"""What a document may ask, decided before anything is resolved."""

from app.graphql.limits.extension import limits_extensions
from app.graphql.limits.settings import DocumentLimits

__all__ = ["DocumentLimits", "limits_extensions"]
