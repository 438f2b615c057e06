"""OAuth2 sign-ins of integrations.

providers   which authorization server an integration signs in at, and as which client
attempts    from the button to the consent page and back: `start`, `finish`
tokens      `token_source`: access tokens for the connector, refreshed under the lock of the grant's row
grants      what is stored: status, disconnecting, refresh tokens kept from dying unused
apart       a database connection of its own, so that a refresh is committed whatever the caller's work comes to
"""
