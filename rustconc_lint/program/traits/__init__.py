"""What declarations say of types: written types as `Ty`, traits and their impls, Send, Sync and Copy."""
