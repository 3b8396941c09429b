"""How hard the properties are tried.

Enough to find a mistake, little enough to be run each time.
"""

from hypothesis import HealthCheck, settings

# A loaded computer is no failure: time is the business of pytest-timeout.
settings.register_profile(
    "suite",
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")
