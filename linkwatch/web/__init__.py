"""The review desk: pages for looking and answering, and the same as an API. Listens only where it is told to.

app.py         the routes with their guards around them
security.py    whose requests are refused before anybody asks who sent them; what browsers are told to refuse
people.py      who sent a request, and what they may
sessions.py    logging in and out
current.py     the configuration as it is now, and the database
listen.py      where it listens, and until when
"""
