"""Front ends for looking into a network by hand, each with a static first frame.

``explorers``: sliders and menus above one picture (notebooks 03, 04 and 08); ``dream`` and
``style``: the studios of notebooks 05 and 06; ``walks``: from one sample to another (08);
``pad``: a drawing pad whose outlines a network paints (09).
"""
