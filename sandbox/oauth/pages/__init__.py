"""Pages for people: sign in, consent, sign out. They work without scripts; templates are beside their views."""
