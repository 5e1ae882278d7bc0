"""The ledger is append-only: the database itself refuses to change or delete an entry."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION redemption_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger entries are never changed or deleted' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON redemption_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION redemption_ledger_is_append_only();
"""

BACKWARD = """
DROP TRIGGER ledger_is_append_only ON redemption_ledgerentry;
DROP FUNCTION redemption_ledger_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("redemption", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
