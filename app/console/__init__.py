"""
The playground: GraphiQL with ready tabs, served from our own files alone.

``console_page`` answers a browser's GET on the endpoint, ``console_routes`` serve the files the
page asks for, below the endpoint. ``built/`` is made from ``source/`` by running
``npm ci && npm run build`` there.
"""

from app.console.page import console_page, console_routes, wants_console
from app.console.ready_tabs import ReadyTab, ready_tabs

__all__ = ["ReadyTab", "console_page", "console_routes", "ready_tabs", "wants_console"]
