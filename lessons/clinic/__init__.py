"""The GAN clinic of notebook 07: the game on a plane, tiny GANs, patients and folk remedies.

``plane``: the game with two numbers; ``points``: GANs for one and two numbers; ``setups``: one
small GAN for digits with a switch for every choice; ``patients``: six wrong choices and their
treatments; ``cases``: train and measure one; ``doctor``: watches a run and says what it sees, by
``rules``; ``tricks``: which folk remedies help; ``losses``: the kit's versions of the exercises.
"""
