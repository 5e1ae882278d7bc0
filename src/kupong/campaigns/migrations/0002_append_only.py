"""The history of issues and the log only grow: the database itself refuses to change or delete a row."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION campaigns_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of deliveries is never changed or deleted' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER issue_history_is_append_only BEFORE UPDATE OR DELETE ON campaigns_issueevent
    FOR EACH ROW EXECUTE FUNCTION campaigns_history_is_append_only();
CREATE TRIGGER delivery_log_is_append_only BEFORE UPDATE OR DELETE ON campaigns_deliverylog
    FOR EACH ROW EXECUTE FUNCTION campaigns_history_is_append_only();
"""

BACKWARD = """
DROP TRIGGER delivery_log_is_append_only ON campaigns_deliverylog;
DROP TRIGGER issue_history_is_append_only ON campaigns_issueevent;
DROP FUNCTION campaigns_history_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
