"""Fuzzing: every decoder and the cleaner against bytes that nobody would write.

``targets`` says what is tried and what must hold; ``seeds`` and ``mutate`` make the inputs; ``trial`` tries one;
``worker`` (coverage-guided, by atheris) tries many in a process, ``campaign`` all of them: ``make fuzz``.
"""
