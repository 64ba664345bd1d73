"""Governance: projects, approvals, people and roles, sites, events, participants, audit."""
