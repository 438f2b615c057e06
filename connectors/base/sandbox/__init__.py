"""The sandbox kit: stateful twins of providers, over HTTP or in process."""
