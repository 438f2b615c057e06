"""What gunicorn reads by itself.

Its usual line holds the whole address and where the caller came from; both may carry what must not be kept: the code
of a sign-in, the token of a webhook. So the path alone is logged.
"""

access_log_format = '%(h)s %(u)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(M)sms "%(a)s"'
