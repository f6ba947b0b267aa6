"""Adobe Commerce company credit: what a company was granted, and its history."""
