from django.db import models
from django.db.models.functions import Now

from kupong.organisation.keys import CompanyRow


class Job(CompanyRow):
    """A piece of long work, its progress in its own row, so that it can be watched, stopped and resumed."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    name = models.TextField()
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    failed = models.BigIntegerField(default=0)
    result = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(CompanyRow.Meta):
        indexes = [models.Index(fields=["company", "name", "-id"], name="job_by_name")]


class OutboxEvent(CompanyRow):
    """Something that happened, written in the transaction in which it happened, for others to be told of."""

    type = models.TextField()
    data = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta(CompanyRow.Meta):
        indexes = [models.Index(fields=["created_at"], name="outboxevent_age")]


class IdempotencyKey(CompanyRow):
    """The first answer to a call, replayed when the same caller sends the same key again."""

    caller = models.TextField()
    key = models.TextField()
    fingerprint = models.BinaryField()
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta(CompanyRow.Meta):
        constraints = [
            *CompanyRow.Meta.constraints,
            models.UniqueConstraint(fields=["company", "caller", "key"], name="%(class)s_key"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotencykey_age")]
