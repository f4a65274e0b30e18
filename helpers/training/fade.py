"""A learning rate that falls at the end of a run."""

import keras


class Fade(keras.callbacks.Callback):
    """Lets the learning rates fall along a line to 0 in the last epochs of a run.

    At a constant rate the players of a GAN keep circling around what they look for. The rate is a
    function of epoch and batch alone, so a resumed run has the same ones.

    Args:
        learning_rate: the full rate of all optimizers of the model.
        epochs: of the whole run, as ``training.train`` gets them.
        fade: how many of them fade; 0 for none.

    Raises:
        ValueError: ``fade`` is negative or more than ``epochs``.
    """

    def __init__(self, learning_rate, epochs, fade):
        super().__init__()
        if not 0 <= fade <= epochs:
            raise ValueError(f"fade must be between 0 and the {epochs} epochs, got {fade}")
        self.learning_rate, self.epochs, self.fade = learning_rate, epochs, fade

    def rate(self, done):
        """The rate after ``done`` epochs, a fraction included."""
        left = max(0.0, self.epochs - done)
        return self.learning_rate * (min(1.0, left / self.fade) if self.fade else 1.0)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        rate = self.rate(self.epoch + batch / self.params["steps"])
        if batch == 0 or rate < self.learning_rate:
            for optimizer in self.model.optimizers().values():
                optimizer.learning_rate.assign(rate)
