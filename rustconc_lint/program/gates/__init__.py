"""Which bodies are worth reading, by their words: gates of speed that hold back nothing."""
