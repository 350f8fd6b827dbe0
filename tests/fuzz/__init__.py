"""Fuzzing: every decoder and every step of cleaning against hostile bytes.

``targets`` lists what is tested and what must hold; ``seeds`` and ``mutate`` make the inputs; ``trial`` runs one input;
``worker`` (guided by coverage, using atheris) runs many in a process; ``campaign`` runs all targets: ``make fuzz``.
"""
