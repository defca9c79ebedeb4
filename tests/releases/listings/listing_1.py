# Exemple de gestion de configuration de version
# ruff: noqa: T201  # a listing prints
from sora_compare import SoraVersionManager

manager = SoraVersionManager()
print(manager.env)
print(manager.VERSIONS["stable"], manager.VERSIONS["latest"], manager.VERSIONS["alias"])
print(manager.get_model_version())
print(manager.rollback_to_stable())
