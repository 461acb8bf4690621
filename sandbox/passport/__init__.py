"""Vaccine passports, signed as the European Union's digital certificates are."""
