# ruff: noqa: T201  # a listing prints
from sora_compare import SoraVersionManager

# Exemple d'utilisation
if __name__ == "__main__":
    manager = SoraVersionManager()
    # Génération d'une vidéo
    result = manager.generate_video(
        prompt="Time-lapse d'un coucher de soleil en ville, gratte-ciels et nuages en mouvement", seconds=10
    )
    if result["success"]:
        print(f"Génération réussie, version utilisée : {result['model_version']}")
