"""Whatever writes a job (a form, the API, COPY, SQL), a change of its status is noted, and a status that nobody has
named yet is filed at the end of the organization's list. Organizations that exist already get the nine states."""

from django.db import migrations

from jobs_boards.statuses import SEEDS

CREATE = """
CREATE FUNCTION jobs_boards_note_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> '' AND NOT EXISTS (
        SELECT 1 FROM jobs_boards_jobstatus AS known WHERE known.organization_id = NEW.organization_id
            AND lower(known.name) = lower(NEW.status) AND known.deleted_at IS NULL
    ) THEN
        INSERT INTO jobs_boards_jobstatus (id, organization_id, name, position, color, is_closed, created_at,
            updated_at, external_sync_enabled)
        SELECT gen_random_uuid(), NEW.organization_id, NEW.status, coalesce(max(position), 0) + 1, 'gray', false,
            NEW.updated_at, NEW.updated_at, true
        FROM jobs_boards_jobstatus WHERE organization_id = NEW.organization_id
        ON CONFLICT DO NOTHING;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.status IS DISTINCT FROM OLD.status THEN
        INSERT INTO jobs_boards_jobstatechange (organization_id, job_id, previous_status, new_status, changed_at)
        VALUES (NEW.organization_id, NEW.id, OLD.status, NEW.status, NEW.updated_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_status AFTER INSERT OR UPDATE OF status ON jobs_boards_job
    FOR EACH ROW EXECUTE FUNCTION jobs_boards_note_status();
"""
DROP = "DROP TRIGGER note_status ON jobs_boards_job; DROP FUNCTION jobs_boards_note_status();"


def seed(apps, schema_editor):
    status = apps.get_model("jobs_boards", "JobStatus")
    for pk in apps.get_model("records", "Organization").objects.values_list("pk", flat=True):
        status.objects.bulk_create(
            status(organization_id=pk, name=one.name, position=place, color=one.color, is_closed=one.is_closed)
            for place, one in enumerate(SEEDS, 1)
        )


class Migration(migrations.Migration):
    dependencies = [("jobs_boards", "0001_initial")]
    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
