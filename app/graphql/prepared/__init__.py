"""What is already there is read without interpreting the document, which is planned once."""

from app.graphql.prepared.execution import PreparedExecution

__all__ = ["PreparedExecution"]
