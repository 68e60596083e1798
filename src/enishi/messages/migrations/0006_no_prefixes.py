from django.db import migrations

_UNUSED = ("messages_delivery_id_98a33d8a_like", "messages_delivery_key_7fa7600b_like")


class Migration(migrations.Migration):
    # PostgreSQL keeps an index of prefixes beside each unique text. Nobody asks for deliveries by
    # the beginning of an id or a key, and each of them was written to both.
    dependencies = [
        ("messages", "0005_held_deliveries"),
    ]

    operations = [
        migrations.RunSQL(f"DROP INDEX IF EXISTS {name}", migrations.RunSQL.noop)
        for name in _UNUSED
    ]
