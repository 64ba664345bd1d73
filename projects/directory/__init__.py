"""The hospital's directory (LDAP): who is there, in which groups, and what follows from that here.

`configuration`  where it is and how it is laid out, read from the environment by the settings
`entries`        a connection to it: errors end what is being done, never look like an answer
`backend`        signing in with its password; `local` is the other door, for local accounts
`applying`       what somebody's groups give, written down: the one place that changes memberships
`renewing`       the nightly look at everybody
`checking`       what `manage.py ldapcheck` says

Only `entries` and `backend` need python-ldap, which is in the extra [ldap].
"""
