"""Review sessions: invited reviewers score pairs blind, under one protocol, and nothing is lost."""
