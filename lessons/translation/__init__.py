"""What notebook 09 brings along: losses, the pool and the scores of picture to picture."""
