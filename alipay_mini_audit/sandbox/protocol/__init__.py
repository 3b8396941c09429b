"""The platform's side of the wire: what arrives, whether it is genuine, what goes back."""
