"""The people we talk to: their phone numbers, papers, accounts, consent and household."""
