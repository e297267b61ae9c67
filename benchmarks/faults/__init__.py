"""The fault table: what breaks, how soon it is seen, how soon it is over, and what it cost the others."""
