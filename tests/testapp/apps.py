from django.apps import AppConfig


class TestAppConfig(AppConfig):
    name = "tests.testapp"
    label = "testapp"

    def ready(self) -> None:
        from records import catalog
        from records.catalog import Kind, SyncField, SyncType

        from .models import Boat

        catalog.register(
            SyncType(
                "boat",
                Boat,
                "Boat",
                "BOATS",
                fields=(
                    SyncField("name", "name", Kind.TEXT, required=True),
                    SyncField("lengthMetres", "length_metres", Kind.DECIMAL),
                    SyncField("seats", "seats", Kind.INTEGER),
                    SyncField("skipperId", "skipper_id", Kind.REFERENCE, reference="member"),
                ),
                match_keys=("name",),
                defaults={"seats": 4},
            )
        )
