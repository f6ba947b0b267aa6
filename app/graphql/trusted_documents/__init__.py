"""Documents that are known beforehand, and asked for by their hash."""

from app.graphql.trusted_documents.documents import TrustedDocuments
from app.graphql.trusted_documents.settings import TrustedDocumentsSettings

__all__ = ["TrustedDocuments", "TrustedDocumentsSettings"]
