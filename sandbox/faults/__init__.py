"""
Faults on order: what a provider's network, gateway or server may do instead of answering.

A fault stands in front of one stand-in. The modes differ in what the caller sees and in whether
the request was carried out; with many of them the caller cannot tell, which is their point.
"""

from sandbox.faults.exchange import ABORT_EXTENSION
from sandbox.faults.faulty import Faulty, Refusals
from sandbox.faults.order import BadFault, Fault

__all__ = ["ABORT_EXTENSION", "BadFault", "Fault", "Faulty", "Refusals"]
