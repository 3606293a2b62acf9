"""What runs by itself: links that are due, people who are to be told, jobs of the night.

daemon      `linkwatch schedule`: signals, the watchdog, until it is told to stop
ticks       APScheduler, which only ticks: what is due stands in the database
runs        one run of what is due, with all that goes with it          nightly   the jobs of the night
pings       a dead-man's switch                                         systemd   readiness and watchdog
"""
