"""Settings of Celery. Read by the workers, and by whoever queues a task (`CELERY_CONFIG_MODULE`)."""

from django.conf import settings
from kombu import Queue

broker_url = settings.REDIS_URL
broker_connection_retry_on_startup = True
# A task is short (a page budget, then it queues its continuation), so one that was not acknowledged for a
# quarter of an hour belonged to a worker that died; it is handed to another.
broker_transport_options = {"visibility_timeout": 15 * 60, "global_keyprefix": settings.QUEUE_PREFIX}
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1
task_time_limit = 14 * 60
task_soft_time_limit = 12 * 60

task_queues = [Queue("realtime"), Queue("batch"), Queue("notify")]
task_default_queue = "batch"
task_routes = dict.fromkeys(
    (
        "sync_engine.drain",
        "sync_engine.push",
        "sync_engine.hear",
        "sync_engine.hear_waiting",
        "automations.read",
        "automations.tick",
        "automations.act",
    ),
    "realtime",
)
task_routes |= dict.fromkeys(
    (
        "integrations.check_health",
        "integrations.check_one",
        "integrations.deliver_notifications",
        "sync_engine.tell_of_conflicts",
        "automations.deliver",
    ),
    "notify",
)
task_create_missing_queues = False
task_ignore_result = True
task_serializer = "json"
accept_content = ["json"]
task_always_eager = settings.CELERY_TASK_ALWAYS_EAGER
task_eager_propagates = True

beat_scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
timezone = "UTC"
enable_utc = True
worker_hijack_root_logger = False
