"""Whatever writes a run (the engine, a rollback, SQL), what it adds to the totals of its integration is added by the
database itself. Inserts are added up by statement, so that many rows cost one write."""

import django.db.models.deletion
from django.db import migrations, models

ADD_UP = """
CREATE FUNCTION integrations_add_up_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO integrations_runtotals AS known (integration_id, total, good, records)
    SELECT integration_id, count(*), count(*) FILTER (WHERE status = 'COMPLETED'), sum(success_count)
    FROM added WHERE status IN ('COMPLETED', 'FAILED') AND integration_id IS NOT NULL GROUP BY integration_id
    ON CONFLICT (integration_id) DO UPDATE SET total = known.total + EXCLUDED.total,
        good = known.good + EXCLUDED.good, records = known.records + EXCLUDED.records;
    RETURN NULL;
END $$;
CREATE TRIGGER add_up_runs AFTER INSERT ON integrations_jobexecution
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION integrations_add_up_runs();

CREATE FUNCTION integrations_add_up_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was integer := (OLD.status IN ('COMPLETED', 'FAILED'))::integer;
    now_is integer := (NEW.status IN ('COMPLETED', 'FAILED'))::integer;
BEGIN
    INSERT INTO integrations_runtotals AS known (integration_id, total, good, records)
    VALUES (NEW.integration_id, now_is - was,
        (NEW.status = 'COMPLETED')::integer - (OLD.status = 'COMPLETED')::integer,
        now_is * NEW.success_count::bigint - was * OLD.success_count::bigint)
    ON CONFLICT (integration_id) DO UPDATE SET total = known.total + EXCLUDED.total,
        good = known.good + EXCLUDED.good, records = known.records + EXCLUDED.records;
    RETURN NULL;
END $$;
CREATE TRIGGER add_up_run AFTER UPDATE OF status, success_count ON integrations_jobexecution FOR EACH ROW
    WHEN (NEW.integration_id IS NOT NULL
        AND (NEW.status IN ('COMPLETED', 'FAILED') OR OLD.status IN ('COMPLETED', 'FAILED'))
        AND (NEW.status, NEW.success_count) IS DISTINCT FROM (OLD.status, OLD.success_count))
    EXECUTE FUNCTION integrations_add_up_run();

INSERT INTO integrations_runtotals (integration_id, total, good, records)
SELECT integration_id, count(*), count(*) FILTER (WHERE status = 'COMPLETED'), sum(success_count)
FROM integrations_jobexecution WHERE status IN ('COMPLETED', 'FAILED') AND integration_id IS NOT NULL
GROUP BY integration_id;
"""
NOT_ANY_MORE = """
DROP TRIGGER add_up_run ON integrations_jobexecution;
DROP TRIGGER add_up_runs ON integrations_jobexecution;
DROP FUNCTION integrations_add_up_run();
DROP FUNCTION integrations_add_up_runs();
"""


class Migration(migrations.Migration):
    dependencies = [("integrations", "0016_former_links")]
    operations = [
        migrations.CreateModel(
            name="RunTotals",
            fields=[
                (
                    "integration",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="run_totals",
                        serialize=False,
                        to="integrations.integration",
                    ),
                ),
                ("total", models.BigIntegerField(default=0)),
                ("good", models.BigIntegerField(default=0)),
                ("records", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(ADD_UP, NOT_ANY_MORE),
    ]
