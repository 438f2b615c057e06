"""Alerts: `words` (enumerations), `defaults` (R1's rules as data), `conditions` (when a rule holds; pure), `watch`
(what opens, is told again and resolves), `services` (what people do with an alert)."""
