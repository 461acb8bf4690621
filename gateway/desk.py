"""What commands that look into the database need, made when one needs it."""

from __future__ import annotations

from functools import cached_property

from core.store.database import Database
from core.store.vault import Vault
from gateway.settings import Settings, load


class Desk:
    """Nothing is read or opened before it is asked for: who wants `--help` has no settings yet."""

    @cached_property
    def settings(self) -> Settings:
        """Raises SettingsError."""
        return load()

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database_url)

    @cached_property
    def vault(self) -> Vault:
        key = self.settings.secret_key.get_secret_value().encode()
        return Vault(self.settings.field_key_ring, key)

    def close(self) -> None:
        """Lets go of the database, if it was opened."""
        if "database" in vars(self):
            self.database.close()
