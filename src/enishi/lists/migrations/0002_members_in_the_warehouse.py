"""Lists get the name rules call them by, and tell the warehouse who is on them."""

from django.db import migrations, models

import enishi.lists.models


def name_them(apps, schema_editor):
    for found in apps.get_model("lists", "ActionableList").objects.only("id"):
        found.slug = found.id.replace("_", "-")
        found.save(update_fields=["slug"])


class Migration(migrations.Migration):

    dependencies = [
        ("lists", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="StatusChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("list_id", models.CharField(max_length=40)),
                ("person", models.CharField(max_length=40)),
                ("status", models.CharField(max_length=32)),
                ("meaning", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="actionablelist",
            name="fields",
            field=models.JSONField(default=enishi.lists.models._nothing),
        ),
        migrations.AddField(
            model_name="actionablelist",
            name="slug",
            field=models.CharField(default="", max_length=80),
            preserve_default=False,
        ),
        migrations.RunPython(name_them, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="actionablelist",
            name="slug",
            field=models.CharField(max_length=80, unique=True),
        ),
        migrations.AddField(
            model_name="build",
            name="told",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="build",
            index=models.Index(condition=models.Q(("state", "done"), ("told", False)), fields=["list", "number"], name="builds_to_tell"),
        ),
    ]
