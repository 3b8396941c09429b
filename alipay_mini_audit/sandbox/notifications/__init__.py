"""The messages that the platform sends: made, signed, sent and sent again; and what goes wrong."""
