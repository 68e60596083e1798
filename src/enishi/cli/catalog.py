"""`enishi catalog`: draft a catalog from files, check it, print its JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from enishi.cli.words import locale, say, show_error

if TYPE_CHECKING:
    from enishi.catalog.draft import Draft
    from enishi.catalog.types import Catalog

_DRAFT = "draft.yaml"


@click.group()
def catalog() -> None:
    """カタログを下書き・確認する / Draft and check the catalog."""


@catalog.command()
@click.argument("data", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="ワークスペースにするフォルダー / The folder that becomes the workspace [.]",
)
@click.option("--force", is_flag=True, help="前の下書きを上書きする / Replace an earlier draft")
def infer(data: Path, out: Path | None, force: bool) -> None:
    """DATA にあるファイルからカタログの下書きを作る / Draft a catalog from the files in DATA."""
    from enishi.sources.infer_files import infer_workspace

    root = _root(out)
    target = root / "catalog" / _DRAFT
    others = [p for p in (root / "catalog").glob("*.y*ml") if p != target]
    if (target.exists() or others) and not force:
        _refuse_to_overwrite(others[0] if others else target)
    draft = infer_workspace(data.resolve(), locale())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(draft.yaml, encoding="utf-8")
    _write_toml(root, data.resolve())
    _tell(draft, root, target)


def _root(out: Path | None) -> Path:
    context = click.get_current_context()
    named = context.find_root().params.get("workspace")
    return (out or (Path(named) if named else Path())).resolve()


def _refuse_to_overwrite(path: Path) -> None:
    from enishi.kernel.errors import Conflict
    from enishi.kernel.text import Text

    raise Conflict(
        Text(f"{path} がもうあります。", f"{path} is there already."),
        Text(
            "--out で別のフォルダーを選ぶか、上書きしてよければ --force を付けてください。",
            "Choose another folder with --out, or replace it with --force.",
        ),
        code="catalog_exists",
    )


def _write_toml(root: Path, data: Path) -> None:
    """`enishi.toml` for a new workspace; one that exists is left alone."""
    path = root / "enishi.toml"
    if path.exists():
        return
    try:
        shown = data.relative_to(root).as_posix()
    except ValueError:
        shown = data.as_posix()
    quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
    name = data.name.replace("\\", "").replace('"', "")
    path.write_text(
        f'name = "{name}"\n'
        f'data = "{quoted}"\n'
        'timezone = "Asia/Tokyo"\n'
        'week_start = "monday"\n'
        "fiscal_year_start = 4\n",
        encoding="utf-8",
    )


def _tell(draft: Draft, root: Path, target: Path) -> None:
    count = len(draft.datasets)
    click.echo(
        say(
            f"{target} に{count}個のデータセットを書きました。",
            f"Wrote {count} dataset(s) to {target}.",
        )
    )
    for dataset, kind in draft.subjects:
        click.echo(say(f"  対象（{kind}）: {dataset}", f"  subject ({kind}): {dataset}"))
    for entry in draft.skipped:
        click.echo(f"  - {entry.file}: {entry.why[locale()]}")
    if not _check(root):
        raise click.exceptions.Exit(1)
    where = "" if root == Path().resolve() else f" -w {root}"
    click.echo(say("次に:", "Next:"))
    click.echo(f"  enishi{where} load")
    click.echo(f"  echo '{{\"all\": []}}' | enishi{where} count -")


@catalog.command()
@click.option("--json", "as_json", is_flag=True, help="JSON で出力する / Answer in JSON")
def check(as_json: bool) -> None:
    """カタログの誤りをすべて示す / Show every fault of the catalog."""
    from enishi.cli.workspace import the_workspace

    if not _check(the_workspace().root, as_json=as_json):
        raise click.exceptions.Exit(1)


def _check(root: Path, *, as_json: bool = False) -> bool:
    """Load the catalog, check the rules inside it; say what was found."""
    from enishi.catalog.load import load_catalog
    from enishi.kernel.errors import EnishiError

    try:
        found = load_catalog(root)
        _check_narrowings(found)
    except EnishiError as error:
        show_error(error, as_json=as_json)
        return False
    fields = sum(len(dataset.fields) for dataset in found.datasets.values())
    relations = sum(len(relations) for relations in found.relations.values())
    if as_json:
        import json

        answer = {
            "ok": True,
            "version": found.version,
            "datasets": len(found.datasets),
            "fields": fields,
            "relations": relations,
            "subjects": [dataset.subject for dataset in found.subjects()],
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
        return True
    click.echo(
        say(
            f"カタログに誤りはありません（データセット{len(found.datasets)}、項目{fields}、"
            f"関連{relations}）。",
            f"The catalog is sound: {len(found.datasets)} datasets, {fields} fields,"
            f" {relations} relations.",
        )
    )
    return True


def _check_narrowings(found: Catalog) -> None:
    """Raise Invalid for every rule of the catalog (`where` of a relation) that is wrong."""
    from enishi.catalog.relations import narrowings
    from enishi.kernel.errors import Invalid
    from enishi.kernel.text import Text
    from enishi.rules.check import Checker

    faults = []
    for path, dataset, rule in narrowings(found):
        checker = Checker(found, found.datasets[dataset])
        checker.check_rule(rule, path)
        faults.extend(checker.faults.faults)
    if faults:
        raise Invalid(
            Text(
                f"関連の where に誤りが{len(faults)}件あります。",
                f"The `where` of relations have {len(faults)} fault(s).",
            ),
            Text("カタログの where を直してください。", "Correct them in the catalog."),
            code="catalog_invalid",
            faults=tuple(faults),
        )


@catalog.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False))
def schema(out: Path | None) -> None:
    """カタログの JSON Schema を出力する / Print the JSON Schema of a catalog file."""
    from enishi.catalog.schema import schema_text

    if out is None:
        click.echo(schema_text(), nl=False)
    else:
        out.write_text(schema_text(), encoding="utf-8")
