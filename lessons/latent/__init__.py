"""Ways through latent space: paths, arithmetic, directions, truncation and the way back.

Everything works on z, float arrays ``(N, latent_dim)`` from a standard normal distribution, and on
generators, which are Keras models of z, or of z and labels. Taught in notebook 08; ``drawings``
in notebook 04. Source: lecture_latent.
"""
